/** Runs work on the same keys one after the other; different keys run side by side. */
export interface KeyLocks {
  /** Resolves or rejects as `work` does, once all of `keys` are held. */
  exclusive<T>(keys: readonly string[], work: () => Promise<T>): Promise<T>
}

/** Locks within this process: the state directory has one owner. Keys are taken in order, so that nobody waits in a circle. */
export function createKeyLocks(): KeyLocks {
  const tails = new Map<string, Promise<void>>()
  const holding = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const before = tails.get(key)
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    tails.set(key, held)
    try {
      await before
      return await work()
    } finally {
      if (tails.get(key) === held) tails.delete(key)
      release()
    }
  }
  const nested = <T>(keys: readonly string[], work: () => Promise<T>): Promise<T> => {
    const [key, ...rest] = keys
    return key === undefined ? work() : holding(key, () => nested(rest, work))
  }
  return { exclusive: (keys, work) => nested([...new Set(keys)].toSorted(), work) }
}

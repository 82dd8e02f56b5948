/** Lets tasks of one key run one after the other, in the order of their calls; tasks of different keys do not wait. */
export interface Turns {
  take<T>(key: string, task: () => Promise<T>): Promise<T>
}

/** Turns of which nobody waits yet. */
export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>()
  return {
    take(key, task) {
      const turn = (last.get(key) ?? Promise.resolve()).then(task, task)
      last.set(key, turn)
      const leave = (): void => {
        if (last.get(key) === turn) last.delete(key)
      }
      turn.then(leave, leave)
      return turn
    },
  }
}

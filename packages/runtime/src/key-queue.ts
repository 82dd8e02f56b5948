import { backoffMillis, type BackoffPolicy, type Clock } from '@weir/base'

/** What a queue stands on. `run` and `hold` must not reject. */
export interface KeyQueueDeps {
  readonly clock: Clock
  readonly random: () => number
  readonly backoff: BackoffPolicy
  /** Keys at once. */
  readonly concurrency: number
  readonly run: (key: string) => Promise<void>
  /** Called after each run; the key does not run again before it resolves, but others take its place. */
  readonly hold: (key: string) => Promise<void>
}

/** Keys to be run: each once however often it was added, never twice at once, and again if it was added while it ran. */
export interface KeyQueue {
  add(key: string): void
  /** Adds later; of several delays of a key the soonest wins. */
  addAfter(key: string, millis: number): void
  /** Adds after a delay that grows with each call since the last `forget`. */
  addRateLimited(key: string): void
  forget(key: string): void
  /** Starts nothing more, drops all delays; resolves when nothing runs. */
  stop(): Promise<void>
}

/** An empty queue; what is added starts at once. One thread, no await inside: calls cannot interleave. */
export function createKeyQueue({ clock, random, backoff, concurrency, run, hold }: KeyQueueDeps): KeyQueue {
  const ready = new Set<string>()
  /** Running or held. True: added meanwhile. */
  const busy = new Map<string, boolean>()
  const failures = new Map<string, number>()
  const delays = createDelays(clock, (key) => add(key))
  const rest = new Set<Promise<void>>()
  let running = 0
  let stopped = false

  const process = async (key: string): Promise<void> => {
    await run(key)
    running -= 1
    start()
    await hold(key)
    const again = busy.get(key) === true
    busy.delete(key)
    if (again) add(key)
  }
  const start = (): void => {
    for (const key of ready) {
      if (running >= concurrency || stopped) return
      ready.delete(key)
      busy.set(key, false)
      running += 1
      const work: Promise<void> = process(key).finally(() => rest.delete(work))
      rest.add(work)
    }
  }
  const add = (key: string): void => {
    if (stopped) return
    if (busy.has(key)) busy.set(key, true)
    else {
      ready.add(key)
      start()
    }
  }
  return {
    add,
    addAfter: (key, millis) => {
      if (!stopped) delays.set(key, millis)
    },
    addRateLimited: (key) => {
      const attempt = failures.get(key) ?? 0
      failures.set(key, attempt + 1)
      if (!stopped) delays.set(key, backoffMillis(backoff, attempt, random))
    },
    forget: (key) => void failures.delete(key),
    stop: async () => {
      stopped = true
      ready.clear()
      await delays.clear()
      await Promise.all(rest)
    },
  }
}

interface Delay {
  readonly dueAt: number
  readonly cancel: AbortController
  readonly ended: Promise<void>
}

interface Delays {
  readonly set: (key: string, millis: number) => void
  readonly clear: () => Promise<void>
}

/** One sleep per key at most. */
function createDelays(clock: Clock, onDue: (key: string) => void): Delays {
  const delays = new Map<string, Delay>()
  return {
    set(key, millis) {
      const dueAt = clock.now() + millis
      const before = delays.get(key)
      if (before !== undefined && before.dueAt <= dueAt) return
      before?.cancel.abort()
      const cancel = new AbortController()
      const ended = clock.sleep(millis, cancel.signal).then(() => {
        if (cancel.signal.aborted) return
        delays.delete(key)
        onDue(key)
      })
      delays.set(key, { dueAt, cancel, ended })
    },
    async clear() {
      const all = [...delays.values()]
      delays.clear()
      for (const { cancel } of all) cancel.abort()
      await Promise.all(all.map(({ ended }) => ended))
    },
  }
}

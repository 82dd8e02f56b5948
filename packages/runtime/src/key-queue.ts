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

/** Keys to be run: each once however often it was added, never twice at once, and again if it was added while it ran or was held. */
export interface KeyQueue {
  add(key: string): void
  /** Adds later; of several delays of a key the soonest wins, and none outlives the key's next run. */
  addAfter(key: string, millis: number): void
  /** Adds after a delay that grows with each call since the last `forget`. */
  addRateLimited(key: string): void
  forget(key: string): void
  /** Starts nothing more, drops all delays; resolves when nothing runs. Keys that are held are let go. */
  stop(): Promise<void>
}

/** An empty queue; what is added starts in the next microtask. One thread, no await inside: calls cannot interleave. */
export function createKeyQueue({ clock, random, backoff, concurrency, run, hold }: KeyQueueDeps): KeyQueue {
  const ready = new Set<string>()
  /** Running or held. True: added meanwhile. */
  const busy = new Map<string, boolean>()
  const failures = new Map<string, number>()
  const delays = createDelays(clock, (key) => add(key))
  /** Of use once `stopped`. */
  const idle = Promise.withResolvers<void>()
  let running = 0
  let isStarting = false
  let stopped = false

  const work = async (key: string): Promise<void> => {
    await run(key)
    running -= 1
    start()
    if (stopped && running === 0) idle.resolve()
    await hold(key)
    const again = busy.get(key) === true
    busy.delete(key)
    if (again) add(key)
  }
  const start = (): void => {
    for (const key of ready) {
      if (running >= concurrency || stopped) return
      ready.delete(key)
      // What a run says of when to look again replaces what was said before.
      delays.cancel(key)
      busy.set(key, false)
      running += 1
      void work(key)
    }
  }
  /** Not at once: whoever is told of the same change may add the same key, or must hear of it before anything acts on it. */
  const startSoon = (): void => {
    if (isStarting) return
    isStarting = true
    queueMicrotask(() => {
      isStarting = false
      start()
    })
  }
  const add = (key: string): void => {
    if (stopped) return
    if (busy.has(key)) busy.set(key, true)
    else {
      ready.add(key)
      startSoon()
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
      if (running === 0) idle.resolve()
      await Promise.all([delays.clear(), idle.promise])
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
  readonly cancel: (key: string) => void
  readonly clear: () => Promise<void>
}

/** One sleep per key at most. */
function createDelays(clock: Clock, onDue: (key: string) => void): Delays {
  const delays = new Map<string, Delay>()
  const cancel = (key: string): void => {
    delays.get(key)?.cancel.abort()
    delays.delete(key)
  }
  return {
    cancel,
    set(key, millis) {
      const dueAt = clock.now() + millis
      const before = delays.get(key)
      if (before !== undefined && before.dueAt <= dueAt) return
      cancel(key)
      const controller = new AbortController()
      const ended = clock.sleep(millis, controller.signal).then(() => {
        if (controller.signal.aborted) return
        delays.delete(key)
        onDue(key)
      })
      delays.set(key, { dueAt, cancel: controller, ended })
    },
    async clear() {
      const all = [...delays.values()]
      delays.clear()
      for (const { cancel } of all) cancel.abort()
      await Promise.all(all.map(({ ended }) => ended))
    },
  }
}

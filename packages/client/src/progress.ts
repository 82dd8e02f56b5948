import { compareResourceVersions } from './resource-version.ts'

/** What a cache must show to be fresh: `resourceVersion` or newer, or a list that was begun when there had been `lists` before. */
export interface Mark {
  readonly resourceVersion: string
  readonly lists: number
}

/** How far a cache has come, and who waits for it. Lists are numbered by their beginnings, from 1. */
export interface Progress {
  /** Everything up to `resourceVersion` has been seen; an older one changes nothing. */
  readonly reach: (resourceVersion: string) => void
  readonly beginList: () => number
  /** List `list` showed all there is at `resourceVersion`, which may be older than what was reached: see `createProgress`. */
  readonly endList: (resourceVersion: string, list: number) => void
  /** The mark of a version that was seen elsewhere just now. */
  readonly mark: (resourceVersion: string) => Mark
  readonly isAt: (mark: Mark) => boolean
  /** Resolves when `isAt`. */
  readonly whenAt: (mark: Mark) => Promise<void>
}

interface Waiter {
  readonly mark: Mark
  readonly resolve: () => void
}

/**
 * Nothing seen yet. A server that was restored from a backup counts from an older revision on: then a list is right, not what
 * was reached, and marks made before the list was begun are of a history that there is no more. O(waiters that are due) per
 * `reach`.
 */
export function createProgress(): Progress {
  /** Oldest version first. */
  let waiters: Waiter[] = []
  let reached = ''
  let begun = 0
  let ended = 0
  const isAt = ({ resourceVersion, lists }: Mark): boolean =>
    ended > lists || compareResourceVersions(resourceVersion, reached) <= 0
  const release = (due: readonly Waiter[]): void => due.forEach(({ resolve }) => resolve())
  return {
    reach(resourceVersion) {
      if (compareResourceVersions(resourceVersion, reached) <= 0) return
      reached = resourceVersion
      const first = waiters.findIndex(({ mark }) => !isAt(mark))
      release(waiters.splice(0, first === -1 ? waiters.length : first))
    },
    beginList: () => ++begun,
    endList(resourceVersion, list) {
      reached = resourceVersion
      ended = Math.max(ended, list)
      const { due = [], early = [] } = Object.groupBy(waiters, ({ mark }) => (isAt(mark) ? 'due' : 'early'))
      waiters = early
      release(due)
    },
    mark: (resourceVersion) => ({ resourceVersion, lists: begun }),
    isAt,
    whenAt: (mark) =>
      new Promise((resolve) => {
        if (isAt(mark)) return resolve()
        // Versions come in ascending order nearly always.
        const before = waiters.findLastIndex((other) => isNotNewer(other.mark, mark))
        waiters.splice(before + 1, 0, { mark, resolve })
      }),
  }
}

const isNotNewer = (a: Mark, b: Mark): boolean => compareResourceVersions(a.resourceVersion, b.resourceVersion) <= 0

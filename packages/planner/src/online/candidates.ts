import type { ModelHost } from '../fabric/model/model.ts'
import { CandidateHeap } from './candidate-heap.ts'
import type { Scorer } from './scorer.ts'
import type { Shape } from './shape.ts'

/** Shapes with a heap of their own; beyond this the one not asked for longest is forgotten. */
const maxShapes = 1024

/** Hosts by score for each shape that was asked for, kept up to date by looking again only at hosts that changed since. */
export interface Candidates {
  /** Hosts for a shape, best first, until `accept` takes one; -1 if there is none. */
  readonly find: (shape: Shape, accept: (host: number) => boolean) => number
  /** Takes note that a host changed. */
  readonly touch: (host: number) => void
}

interface Entry {
  readonly heap: CandidateHeap
  readonly isSelected: readonly boolean[]
  /** How much of the log is in the heap. */
  seen: number
}

/**
 * Per-shape candidate heaps (the caching idea of Protean, Hadary et al. 2020): a question costs the hosts changed since the last
 * question for the same shape, each change being looked at once by each shape. The first question for a shape looks at all hosts.
 */
export function createCandidates(hosts: readonly ModelHost[], score: Scorer): Candidates {
  const entries = new Map<string, Entry>()
  let log: number[] = []
  let dropped = 0

  const keyOf = (entry: Pick<Entry, 'isSelected'>, shape: Shape, host: number): number =>
    entry.isSelected[host] === true ? (score(shape, host)?.total ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY
  const create = (shape: Shape): Entry => {
    const isSelected = hosts.map(
      ({ labels, state }) => state === 'Ready' && shape.selector.every(([label, value]) => labels.get(label) === value),
    )
    const keys = Float64Array.from(hosts, (_, host) => keyOf({ isSelected }, shape, host))
    return { heap: new CandidateHeap(keys), isSelected, seen: dropped + log.length }
  }
  const refresh = (shape: Shape): Entry => {
    const known = entries.get(shape.key)
    entries.delete(shape.key)
    const entry = known === undefined || known.seen < dropped ? create(shape) : known
    if (entry === known) {
      for (const host of new Set(log.slice(entry.seen - dropped))) entry.heap.set(host, keyOf(entry, shape, host))
      entry.seen = dropped + log.length
    }
    entries.set(shape.key, entry)
    const oldest = entries.size > maxShapes ? entries.keys().next().value : undefined
    if (oldest !== undefined) entries.delete(oldest)
    return entry
  }
  return {
    find: (shape, accept) => {
      const { heap } = refresh(shape)
      const refused: { readonly host: number; readonly key: number }[] = []
      let host = heap.top()
      while (host >= 0 && !accept(host)) {
        refused.push({ host, key: heap.key(host) })
        heap.set(host, Number.POSITIVE_INFINITY)
        host = heap.top()
      }
      for (const { host: back, key } of refused) heap.set(back, key)
      return host
    },
    touch: (host) => {
      log.push(host)
      if (log.length <= 8 * hosts.length + 1024) return
      // Half of the log goes; shapes that have not seen it yet start again.
      const half = log.length >> 1
      dropped += half
      log = log.slice(half)
    },
  }
}

import type { ModelHost } from '../fabric/model/model.ts'
import { at } from '../fabric/model/typed-array.ts'
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
  readonly isSelected: Uint8Array
  /** Hosts below this have been looked at. */
  scanned: number
  /** How much of the log has been looked at. */
  seen: number
}

/**
 * Per-shape candidate heaps (the caching idea of Protean, Hadary et al. 2020): a question costs the hosts changed since the last
 * question for the same shape, and no more than `hostsPerQuestion` unless nothing is found among them; what is left over is looked
 * at by later questions. A host is looked at again before it is chosen, so a choice always fits; after many changes it may not be
 * the very best.
 */
export function createCandidates(hosts: readonly ModelHost[], score: Scorer, hostsPerQuestion: number): Candidates {
  const entries = new Map<string, Entry>()
  let log: number[] = []
  let dropped = 0
  /** Place in the log, counted from its start, after the last change of each host. */
  const lastChange = new Float64Array(hosts.length)

  const keyOf = (entry: Entry, shape: Shape, host: number): number =>
    at(entry.isSelected, host) === 1 ? (score(shape, host)?.total ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY
  const create = (shape: Shape): Entry => ({
    heap: new CandidateHeap(hosts.length),
    isSelected: selectHosts(hosts, shape),
    scanned: 0,
    seen: dropped + log.length,
  })
  /** Looks at some of what was not looked at yet. */
  const lookAtSome = (entry: Entry, shape: Shape): void => {
    let left = hostsPerQuestion
    while (left > 0 && entry.seen < dropped + log.length) {
      const host = log[entry.seen - dropped] ?? 0
      entry.seen++
      // A host that changed again is looked at with its last change.
      if (at(lastChange, host) > entry.seen) continue
      if (host < entry.scanned) entry.heap.set(host, keyOf(entry, shape, host))
      left--
    }
    while (left > 0 && entry.scanned < hosts.length) {
      entry.heap.set(entry.scanned, keyOf(entry, shape, entry.scanned))
      entry.scanned++
      left--
    }
  }
  const entryOf = (shape: Shape): Entry => {
    const known = entries.get(shape.key)
    entries.delete(shape.key)
    const entry = known === undefined || known.seen < dropped ? create(shape) : known
    entries.set(shape.key, entry)
    const oldest = entries.size > maxShapes ? entries.keys().next().value : undefined
    if (oldest !== undefined) entries.delete(oldest)
    return entry
  }
  /**
   * The best host whose score is as it is now; hosts that `accept` refuses are put aside in `refused`. After `hostsPerQuestion` scores
   * that had changed, the best of those is good enough.
   */
  const freshTop = (entry: Entry, shape: Shape, accept: (host: number) => boolean, refused: number[]): number => {
    let stale = 0
    let best = -1
    for (let host = entry.heap.top(); host >= 0; host = entry.heap.top()) {
      const key = keyOf(entry, shape, host)
      if (key !== entry.heap.key(host)) {
        entry.heap.set(host, key)
        if (key < Number.POSITIVE_INFINITY && (best < 0 || key < entry.heap.key(best))) best = host
        if (++stale >= hostsPerQuestion && best >= 0 && accept(best)) return best
      } else if (accept(host)) return host
      else {
        refused.push(host)
        entry.heap.set(host, Number.POSITIVE_INFINITY)
      }
    }
    return -1
  }
  return {
    find: (shape, accept) => {
      const entry = entryOf(shape)
      const refused: number[] = []
      let host = -1
      do {
        lookAtSome(entry, shape)
        host = freshTop(entry, shape, accept, refused)
      } while (host < 0 && (entry.scanned < hosts.length || entry.seen < dropped + log.length))
      for (const back of refused) entry.heap.set(back, keyOf(entry, shape, back))
      return host
    },
    touch: (host) => {
      log.push(host)
      lastChange[host] = dropped + log.length
      if (log.length <= 8 * hosts.length + 1024) return
      // Half of the log goes; shapes that have not seen it yet start again.
      const half = log.length >> 1
      dropped += half
      log = log.slice(half)
    },
  }
}

/** 1 for each host that takes workloads and has the labels of the shape. */
function selectHosts(hosts: readonly ModelHost[], { selector }: Shape): Uint8Array {
  const selected = new Uint8Array(hosts.length)
  for (const [host, { labels, state }] of hosts.entries()) {
    if (state === 'Ready' && selector.every(([label, value]) => labels.get(label) === value)) selected[host] = 1
  }
  return selected
}

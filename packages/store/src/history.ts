import type { Event } from './log.ts'

/** The newest events, oldest first; the oldest can be dropped. */
export interface History {
  add(event: Event): void
  /** Events after revision `after`, O(log n + those). */
  after(after: number): readonly Event[]
  /** How many events are after revision `after`. */
  countAfter(after: number): number
  /** The characters of the values of all events. */
  characters(): number
  /** The revision up to which events must be dropped so that `characters` are left at most; 0 if none must. O(those). */
  beyond(characters: number): number
  /** Removes and returns the oldest events up to revision `until`, `limit` at most. */
  drop(until: number, limit: number): readonly Event[]
}

/** No events yet. */
export function createHistory(): History {
  let events: (Event | undefined)[] = []
  /** Dropped events are left in front, emptied, until they are half of the list: a slice then costs no copy of the rest. */
  let start = 0
  let total = 0

  const position = (after: number): number => {
    let low = start
    let high = events.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((events[middle]?.revision ?? 0) <= after) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    add: (event) => {
      events.push(event)
      total += charactersOf(event)
    },
    characters: () => total,
    beyond(characters) {
      let left = total
      let revision = 0
      for (let at = start; left > characters && at < events.length; at++) {
        left -= charactersOf(events[at])
        revision = events[at]?.revision ?? revision
      }
      return revision
    },
    after: (after) => events.slice(position(after)).filter((event) => event !== undefined),
    countAfter: (after) => events.length - position(after),
    drop(until, limit) {
      const end = Math.min(position(until), start + limit)
      const dropped = events.slice(start, end).filter((event) => event !== undefined)
      for (const event of dropped) total -= charactersOf(event)
      events.fill(undefined, start, end)
      start = end
      if (start > events.length / 2) {
        events = events.slice(start)
        start = 0
      }
      return dropped
    },
  }
}

const charactersOf = (event: Event | undefined): number => event?.value?.length ?? 0

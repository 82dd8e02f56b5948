import type { Event } from '@weir/store'

/** How far behind a watcher may be: events, and characters of the objects in them. */
export interface BacklogLimits {
  readonly events: number
  readonly characters: number
}

/** What a watcher has yet to be sent, in order. The texts are shared with the log and with other watchers, not copied. */
export interface Backlog {
  /** Takes events in. Beyond a limit the backlog is lost: it forgets everything and takes nothing in any more. */
  add(events: readonly Event[]): void
  /** Removes and returns the oldest events: one, and more up to about 64 Ki characters; [] if none waits. */
  take(): readonly Event[]
  /** True once something is missing: what a watcher lacks then, only a new list can tell it. */
  isLost(): boolean
}

/** A stream sends pieces of about this length: large enough to be cheap, small enough to leave others their turn. */
export const pieceCharacters = 65_536

/** Nothing waits yet. */
export function createBacklog(limits: BacklogLimits): Backlog {
  let waiting: (Event | undefined)[] = []
  /** Events taken are left in front, emptied, until they are half of the list: taking then costs no copy of the rest. */
  let start = 0
  let characters = 0
  let lost = false
  const forget = (): void => {
    waiting = []
    start = 0
    characters = 0
  }
  const shift = (): Event | undefined => {
    const event = waiting[start]
    if (event === undefined) return undefined
    waiting[start++] = undefined
    characters -= charactersOf(event)
    if (start > waiting.length / 2) {
      waiting = waiting.slice(start)
      start = 0
    }
    return event
  }
  return {
    isLost: () => lost,
    add(events) {
      if (lost) return
      for (const event of events) {
        waiting.push(event)
        characters += charactersOf(event)
      }
      lost = waiting.length - start > limits.events || characters > limits.characters
      if (lost) forget()
    },
    take() {
      const taken: Event[] = []
      for (let room = pieceCharacters; room > 0;) {
        const event = shift()
        if (event === undefined) break
        taken.push(event)
        room -= charactersOf(event)
      }
      return taken
    },
  }
}

/** The text before is that of an earlier event or of the state: it is counted only where there is no other. */
const charactersOf = ({ value, previous = '' }: Event): number => (value ?? previous).length

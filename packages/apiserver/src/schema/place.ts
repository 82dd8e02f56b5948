import type { Cause } from './cause.ts'
import type { Path } from './path.ts'

/** A cause and the value it is about: for a missing field the object that lacks it. */
export interface Finding {
  readonly cause: Cause
  readonly path: Path | undefined
  readonly value: unknown
}

/** A place in the object that is checked, and where findings go. `full` ends the search early. */
export interface Place {
  readonly path: Path | undefined
  readonly add: (finding: Finding) => void
  readonly full: () => boolean
}

/** Adds a finding about `value`, which stands at `place`. */
export const report = (place: Place, value: unknown, cause: Cause): void => place.add({ cause, path: place.path, value })

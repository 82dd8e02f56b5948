import { apiVersionOf, type KindDefinition, type Status } from '@weir/api'
import type { Event } from '@weir/store'
import { represent, type Representation } from '../represent.ts'
import type { Selector } from '../selectors/selector.ts'
import { asServed, parseStored, withRevision } from '../stored.ts'

/** Which objects a watcher wants, and in which form. */
export interface Taste {
  readonly kind: KindDefinition
  /** Undefined if all are wanted. */
  readonly selector: Selector | undefined
  readonly as: Representation
}

const line = (type: string, object: string): string => `{"type":"${type}","object":${object}}\n`

const isWanted = (text: string | undefined, { selector }: Taste): boolean =>
  text !== undefined && (selector === undefined || selector(parseStored(text)))

/** The line for an object that is there already; '' if the watcher does not want it. */
export const addedLine = (text: string, taste: Taste): string =>
  isWanted(text, taste) ? line('ADDED', represent(taste.kind, asServed(text, taste.kind), taste.as)) : ''

/** The line for an event; '' if the watcher does not want it. What leaves a selector is DELETED to it. */
export function eventLine({ value, previous, revision }: Event, taste: Taste): string {
  const [before, after] = [isWanted(previous, taste), isWanted(value, taste)]
  if (!before && !after) return ''
  const text = after ? (value ?? '') : withRevision(value ?? previous ?? '', revision)
  const type = after ? (before ? 'MODIFIED' : 'ADDED') : 'DELETED'
  return line(type, represent(taste.kind, asServed(text, taste.kind), taste.as))
}

/** The line that says that everything up to `revision` has been sent; the first one after a state says that too. */
export const bookmarkLine = (kind: KindDefinition, revision: number, isEndOfState = false): string =>
  line(
    'BOOKMARK',
    JSON.stringify({
      kind: kind.kind,
      apiVersion: apiVersionOf(kind),
      metadata: {
        resourceVersion: String(revision),
        creationTimestamp: null,
        ...(isEndOfState ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
      },
    }),
  )

/** The last line of a watch that cannot go on. */
export const errorLine = (status: Status): string => line('ERROR', JSON.stringify(status))

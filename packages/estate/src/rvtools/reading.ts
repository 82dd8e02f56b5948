import type { EstateSource } from '../model/estate.ts'
import type { FindingLog } from '../findings/finding-log.ts'
import type { SheetName } from './headers.ts'
import type { DateOrder } from './times.ts'

/** A file, or a set of CSV files, while it is read. */
export interface SourceDraft {
  readonly id: string
  readonly location: string
  /** True if it has vInfo: then its other sheets speak of its own machines only. */
  readonly hasMachines: boolean
  readonly parts: Set<SheetName>
  version?: string
  collectedTime?: string
  dateOrder: DateOrder
  hasMixedDates: boolean
}

/** What identifies the vCenter of a row. */
export interface SourceColumns {
  readonly server: string | undefined
  readonly serverUuid: string | undefined
}

/** What the readers of all sheets share. */
export interface Reading {
  readonly log: FindingLog
  /** The vCenter that a row is of: its UUID, its name where the row shows no more, or the file. */
  scopeOf(row: SourceColumns, source: SourceDraft): string
}

/** A reading that has seen no row yet. */
export function createReading(log: FindingLog): Reading {
  const uuidsByServer = new Map<string, string>()
  return {
    log,
    scopeOf: ({ server, serverUuid }, source) => {
      const name = server?.toLowerCase()
      const uuid = serverUuid?.toLowerCase()
      if (uuid !== undefined) {
        if (name !== undefined) uuidsByServer.set(name, uuid)
        return uuid
      }
      return name === undefined ? source.id : (uuidsByServer.get(name) ?? name)
    },
  }
}

/** The finished source. */
export const toSource = (draft: SourceDraft): EstateSource => ({
  id: draft.id,
  type: 'RVTools',
  location: draft.location,
  ...(draft.version !== undefined && { version: draft.version }),
  ...(draft.collectedTime !== undefined && { collectedTime: draft.collectedTime }),
  parts: [...draft.parts],
})

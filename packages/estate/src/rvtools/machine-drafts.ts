import { finding } from '../findings/finding.ts'
import type { GuestPartition, MachineDevice, MachineDisk, MachineNic } from '../model/machine.ts'
import type { Reading, SourceColumns, SourceDraft } from './reading.ts'
import type { SheetRow } from './sheets.ts'

/** A snapshot whose time is still as the file has it. */
export interface SnapshotDraft {
  readonly name: string | undefined
  readonly created: string | undefined
  readonly sizeBytes: number | undefined
  readonly isQuiesced: boolean | undefined
}

/** A machine while its rows come in from sheet after sheet. */
export interface MachineDraft {
  readonly id: string
  readonly scope: string
  readonly source: SourceDraft
  readonly info: SheetRow<'vInfo'> & { readonly name: string }
  cpu?: SheetRow<'vCPU'>
  memory?: SheetRow<'vMemory'>
  tools?: SheetRow<'vTools'>
  readonly disks: MachineDisk[]
  readonly partitions: GuestPartition[]
  readonly nics: MachineNic[]
  readonly snapshots: SnapshotDraft[]
  readonly devices: MachineDevice[]
  hasSecret: boolean
  hasBackup: boolean
}

/** What rows of every sheet of machines have in common. */
interface MachineColumns extends SourceColumns {
  readonly name: string | undefined
  readonly vmId: string | undefined
  readonly vmUuid: string | undefined
  readonly cluster: string | undefined
}

/** The machines of a reading: made from vInfo, found again from the other sheets. */
export interface MachineDrafts {
  /** Takes a row of vInfo. */
  add(row: SheetRow<'vInfo'>, source: SourceDraft): MachineDraft | undefined
  /**
   * The machine of a row by, in this order, VM ID and vCenter, VM UUID, name and cluster, name. A match must be the only one.
   * O(1); the maps are made at the first look-up.
   */
  find(row: MachineColumns, source: SourceDraft): MachineDraft | undefined
  count(): number
  /** Takes the machines out one by one, so that each can be forgotten once it is finished. */
  drain(): Iterable<MachineDraft>
}

/** Machines of a reading, none yet. */
export function createMachineDrafts(reading: Reading): MachineDrafts {
  const byId = new Map<string, MachineDraft>()
  let indexes: readonly Index[] | undefined
  let last: { readonly row: MachineColumns; readonly source: SourceDraft; readonly draft: MachineDraft | undefined } | undefined
  const find = (row: MachineColumns, source: SourceDraft): MachineDraft | undefined => {
    indexes ??= indexesOf(() => byId.values())
    const scope = reading.scopeOf(row, source)
    for (const index of indexes) {
      const key = index.keyOf(row, scope)
      const draft = key === undefined ? undefined : index.get(key)
      const isOwn = draft !== undefined && draft !== null && (!source.hasMachines || draft.source === source)
      // An id that only the machine's own vCenter gives sense to is trusted elsewhere if the name agrees.
      if (isOwn && (index.isSure || row.name === undefined || row.name === draft.info.name)) return draft
    }
    return undefined
  }
  return {
    add: (row, source) => {
      indexes = undefined
      const draft = draftOf(row, source, reading, byId)
      if (draft !== undefined) byId.set(draft.id, draft)
      return draft
    },
    find: (row, source) => {
      // Rows of one machine stand together: disks, partitions, cards.
      if (last !== undefined && last.source === source && isSameMachine(last.row, row)) return last.draft
      last = { row, source, draft: find(row, source) }
      return last.draft
    },
    count: () => byId.size,
    drain: function* () {
      indexes = undefined
      last = undefined
      for (const [id, draft] of byId) {
        byId.delete(id)
        yield draft
      }
    },
  }
}

const isSameMachine = (a: MachineColumns, b: MachineColumns): boolean =>
  a.vmId === b.vmId && a.name === b.name && a.vmUuid === b.vmUuid && a.serverUuid === b.serverUuid && a.cluster === b.cluster

interface Index {
  readonly isSure: boolean
  readonly keyOf: (row: MachineColumns, scope: string) => string | undefined
  /** null for a key that several machines have. */
  readonly get: (key: string) => MachineDraft | null | undefined
}

const joined = (...parts: readonly (string | undefined)[]): string | undefined =>
  parts.includes(undefined) ? undefined : parts.join('\n')

/** Ways to find machines, best first. The map of each is made when it is first asked: most exports need one. */
function indexesOf(drafts: () => Iterable<MachineDraft>): readonly Index[] {
  const index = (isSure: boolean, keyOf: Index['keyOf']): Index => {
    let map: Map<string, MachineDraft | null> | undefined
    const make = (): Map<string, MachineDraft | null> => {
      const made = new Map<string, MachineDraft | null>()
      for (const draft of drafts()) {
        const key = keyOf(draft.info, draft.scope)
        if (key !== undefined) made.set(key, made.has(key) ? null : draft)
      }
      return made
    }
    return { isSure, keyOf, get: (key) => (map ??= make()).get(key) }
  }
  return [
    index(true, (row, scope) => joined(scope, row.vmId)),
    index(false, (row) => row.vmUuid?.toLowerCase()),
    index(false, (row) => row.vmId),
    index(true, (row, scope) => joined(scope, row.name, row.cluster)),
    index(true, (row) => joined(row.name, row.cluster)),
    index(true, (row) => row.name),
  ]
}

type ById = ReadonlyMap<string, MachineDraft>

function draftOf(row: SheetRow<'vInfo'>, source: SourceDraft, reading: Reading, byId: ById): MachineDraft | undefined {
  const name = row.name ?? row.vmId ?? row.vmUuid
  if (name === undefined) {
    const about = { kind: 'Invalid', object: 'sheet/vInfo', field: 'VM' } as const
    reading.log.add(finding('row.noMachine', about, { location: source.location }))
    return undefined
  }
  if (row.name === undefined) reportNameless(name, source, reading)
  const scope = reading.scopeOf(row, source)
  const id = freeId({ row, name, scope, source }, reading, byId)
  if (id === undefined) return undefined
  return {
    id,
    scope,
    source,
    info: { ...row, name },
    disks: [],
    partitions: [],
    nics: [],
    snapshots: [],
    devices: [],
    hasSecret: row.annotation?.hasSecret ?? false,
    hasBackup: row.annotation?.hasBackup ?? false,
  }
}

const reportNameless = (id: string, source: SourceDraft, { log }: Reading): void =>
  log.add(
    finding(
      'machine.nameless',
      { kind: 'Missing', object: `machine/${id}`, field: 'VM' },
      { machine: id, location: source.location },
    ),
  )

interface Candidate {
  readonly row: SheetRow<'vInfo'>
  readonly name: string
  readonly scope: string
  readonly source: SourceDraft
}

/** The id of a new machine; undefined if it is known already and this row is no newer. */
function freeId({ row, name, scope, source }: Candidate, reading: Reading, byId: ById): string | undefined {
  const isGiven = row.vmId !== undefined || row.vmUuid !== undefined
  const id =
    row.vmId !== undefined
      ? `${scope}/${row.vmId}`
      : row.vmUuid !== undefined
        ? row.vmUuid.toLowerCase()
        : `${scope}/${row.cluster ?? '-'}/${name}`
  const known = byId.get(id)
  if (known === undefined) return id
  if (!isGiven) {
    reading.log.add(
      finding(
        'machine.sameName',
        { kind: 'Contradictory', object: `machine/${id}`, field: 'VM' },
        { location: source.location, machine: name, cluster: row.cluster ?? '' },
      ),
    )
    for (let count = 2; ; count++) if (!byId.has(`${id}#${count}`)) return `${id}#${count}`
  }
  const isOlder = known.source !== source && (source.collectedTime ?? '') <= (known.source.collectedTime ?? '')
  const about = { object: `machine/${id}`, field: 'VM ID' }
  const [first, second] = [known.source.location, source.location]
  reading.log.add(
    known.source === source
      ? finding('machine.twice', { kind: 'Contradictory', ...about }, { machine: name, location: first })
      : finding(
          'machine.inTwoExports',
          { kind: 'Stale', ...about },
          { machine: name, first, second, counted: isOlder ? first : second },
        ),
  )
  return known.source === source || isOlder ? undefined : id
}

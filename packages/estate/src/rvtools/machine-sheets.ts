import { present } from '../model/present.ts'
import { isBackupMark } from './notes.ts'
import type { MachineDraft } from './machine-drafts.ts'
import type { SheetRow } from './sheets.ts'

/** What a row adds to its machine, for each sheet of which rows belong to machines. */
export const machineSheets = {
  vCPU: (draft: MachineDraft, row: SheetRow<'vCPU'>) => {
    draft.cpu ??= row
  },
  vMemory: (draft: MachineDraft, row: SheetRow<'vMemory'>) => {
    draft.memory ??= row
  },
  vTools: (draft: MachineDraft, row: SheetRow<'vTools'>) => {
    draft.tools ??= row
  },
  vDisk: (draft: MachineDraft, row: SheetRow<'vDisk'>) => {
    const rawMode = row.rawMode?.toLowerCase()
    const sharing = [row.sharing, row.sharedBus].find((each) => each !== undefined && !/^(?:no|sharingnone)/iu.test(each))
    draft.disks.push({
      id: row.key ?? row.uuid ?? row.disk ?? String(draft.disks.length + 1),
      ...present({
        label: row.disk,
        capacityBytes: row.capacity,
        datastore: row.path,
        controller: row.controller,
        mode: row.mode,
        sharing: sharing ?? row.sharing ?? row.sharedBus,
        isThin: row.isThin,
        rdm:
          row.isRaw === true
            ? rawMode?.startsWith('virtual') === true
              ? ('Virtual' as const)
              : ('Physical' as const)
            : undefined,
        uuid: row.uuid?.toLowerCase(),
      }),
    })
  },
  vPartition: (draft: MachineDraft, row: SheetRow<'vPartition'>) => {
    const free = row.free ?? (row.capacity !== undefined && row.consumed !== undefined ? row.capacity - row.consumed : undefined)
    if (row.disk !== undefined)
      draft.partitions.push({
        mountPoint: row.disk,
        ...present({ capacityBytes: row.capacity, freeBytes: free === undefined || free < 0 ? undefined : free }),
      })
  },
  vNetwork: (draft: MachineDraft, row: SheetRow<'vNetwork'>) => {
    draft.nics.push({
      ...present({
        label: row.label,
        adapter: row.adapter,
        network: row.network,
        mac: macOf(row.mac),
        isConnected: row.isConnected,
        isDirectPath: row.isDirectPath,
      }),
      ipAddresses: [...addressesOf(row.ipv4), ...addressesOf(row.ipv6)],
    })
    if (/sr-?iov/iu.test(row.adapter ?? '')) draft.devices.push({ type: 'Sriov', ...present({ label: row.label }) })
  },
  vFloppy: (draft: MachineDraft, row: SheetRow<'vFloppy'>) => {
    draft.devices.push({ type: 'Floppy', ...present({ label: row.node, isConnected: row.isConnected }) })
  },
  vCD: (draft: MachineDraft, row: SheetRow<'vCD'>) => {
    draft.devices.push({ type: 'CdRom', ...present({ label: row.node, isConnected: row.isConnected }) })
  },
  vUSB: (draft: MachineDraft, row: SheetRow<'vUSB'>) => {
    draft.devices.push({ type: 'Usb', ...present({ label: row.node, isConnected: row.isConnected }) })
  },
  vSnapshot: (draft: MachineDraft, row: SheetRow<'vSnapshot'>) => {
    draft.snapshots.push({ name: row.snapshot, created: row.created, sizeBytes: row.size, isQuiesced: row.isQuiesced })
    draft.hasSecret ||= row.description?.hasSecret ?? false
    draft.hasBackup ||= (row.description?.hasBackup ?? false) || isBackupMark(row.snapshot ?? '')
  },
} as const

const macOf = (text: string | undefined): string | undefined => {
  const hex = text?.toLowerCase().replaceAll(/[^0-9a-f]/gu, '') ?? ''
  return hex.length === 12 ? hex.replaceAll(/(..)(?=.)/gu, '$1:') : undefined
}

/** Addresses of a cell that lists several. */
export const addressesOf = (text: string | undefined): readonly string[] =>
  text?.split(/[\s,;]+/u).filter((each) => /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:.]*)(?:\/\d{1,3})?$/iu.test(each)) ??
  []

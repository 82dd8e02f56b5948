import type { MachineDisk } from '../model/machine.ts'
import type { CheckContext, MachineCheck } from './concern.ts'
import { gibibytes, mebibytes } from './format.ts'

const mebibyte = 2 ** 20
const day = 86_400_000
const largeDiskBytes = 6 * 2 ** 40

/** Concerned disks by name; undefined if there are none. */
const named = (disks: readonly MachineDisk[]): { readonly disks: readonly string[] } | undefined =>
  disks.length === 0 ? undefined : { disks: disks.map(({ label, id }) => label ?? id) }

const typeOf = ({ datastore }: MachineDisk, { datastoreByName }: CheckContext): string =>
  datastoreByName.get(datastore ?? '')?.type ?? ''

/** What disks, snapshots and file systems bring. */
export const diskChecks: readonly MachineCheck[] = [
  {
    id: 'changed_block_tracking.disabled',
    severity: 'Warning',
    effortHours: 0.1,
    find: ({ isCbtEnabled }) => (isCbtEnabled === false ? {} : undefined),
  },
  {
    id: 'consolidation_needed',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ needsConsolidation }) => (needsConsolidation === true ? {} : undefined),
  },
  {
    id: 'datastore.missing',
    severity: 'Critical',
    effortHours: 1,
    find: ({ disks }, { datastoreByName }) =>
      datastoreByName.size === 0
        ? undefined
        : named(disks.filter(({ datastore }) => datastore !== undefined && !datastoreByName.has(datastore))),
  },
  {
    id: 'disk.capacity.invalid',
    severity: 'Critical',
    effortHours: 1,
    find: ({ disks }) => named(disks.filter(({ capacityBytes }) => capacityBytes !== undefined && capacityBytes <= 0)),
  },
  {
    id: 'disk.count.exceeds.limit',
    severity: 'Warning',
    effortHours: 2,
    find: ({ disks }) => (disks.length > 165 ? { count: disks.length, limit: 165 } : undefined),
  },
  {
    id: 'disk_mode.independent',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ disks }) => named(disks.filter(({ mode }) => /independent/iu.test(mode ?? ''))),
  },
  {
    id: 'disk.rdm.detected',
    severity: 'Warning',
    effortHours: 1,
    find: ({ disks }) => named(disks.filter(({ rdm }) => rdm === 'Virtual')),
  },
  {
    id: 'disk.physical_rdm',
    severity: 'Critical',
    effortHours: 4,
    find: ({ disks }) => named(disks.filter(({ rdm }) => rdm === 'Physical')),
  },
  {
    id: 'disk.shared.detected',
    severity: 'Warning',
    effortHours: 4,
    find: ({ disks }) => named(disks.filter(({ sharing }) => /multi|physical|virtual/iu.test(sharing ?? ''))),
  },
  {
    id: 'disk_serial.truncated',
    severity: 'Information',
    effortHours: 0,
    find: ({ isDiskUuidEnabled, disks }) =>
      isDiskUuidEnabled === true && disks.some(({ controller }) => /scsi/iu.test(controller ?? '')) ? {} : undefined,
  },
  {
    id: 'disk.unknown_controller',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ disks }) => named(disks.filter(({ controller }) => /nvme/iu.test(controller ?? ''))),
  },
  {
    id: 'disk.vsan_or_vvol',
    severity: 'Warning',
    effortHours: 0,
    find: ({ disks }, context) => named(disks.filter((disk) => /vsan|vvol/iu.test(typeOf(disk, context)))),
  },
  {
    id: 'disk.large',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ disks }) => named(disks.filter(({ capacityBytes }) => (capacityBytes ?? 0) > largeDiskBytes)),
  },
  {
    id: 'disk.zero_flat_mismatch',
    severity: 'Warning',
    effortHours: 0.25,
    find: ({ disks, diskCapacityBytes }) => {
      const sum = disks.reduce((total, { capacityBytes }) => total + (capacityBytes ?? 0), 0)
      return disks.length > 0 &&
        diskCapacityBytes !== undefined &&
        Math.abs(sum - diskCapacityBytes) > Math.max(mebibyte, 0.01 * sum)
        ? { sum: gibibytes(sum), total: gibibytes(diskCapacityBytes) }
        : undefined
    },
  },
  {
    id: 'snapshot.detected',
    severity: 'Information',
    effortHours: 0.25,
    find: ({ snapshots }) => (snapshots.length === 0 ? undefined : { count: snapshots.length }),
  },
  {
    id: 'snapshot.age_or_chain',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ snapshots }, { now }) => {
      const times = snapshots.map(({ createdTime }) => Date.parse(createdTime ?? '')).filter((time) => !Number.isNaN(time))
      const days = times.length === 0 ? undefined : Math.max(0, (now - Math.min(...times)) / day)
      return snapshots.length > 3 || (days ?? 0) > 7
        ? { count: snapshots.length, days: days === undefined ? '?' : Math.floor(days) }
        : undefined
    },
  },
  {
    id: 'snapshot.foreign_schedule',
    severity: 'Warning',
    effortHours: 0.25,
    find: ({ hasForeignBackup }) => (hasForeignBackup === true ? {} : undefined),
  },
  {
    id: 'guestDisks.freespace',
    severity: 'Critical',
    effortHours: 0.5,
    find: ({ partitions }) => {
      const full = partitions.filter(({ mountPoint, freeBytes }) => freeBytes !== undefined && freeBytes < leastFree(mountPoint))
      return full.length === 0
        ? undefined
        : {
            fileSystems: full.map(
              ({ mountPoint, freeBytes }) => `${mountPoint} ${mebibytes(freeBytes ?? 0)} < ${mebibytes(leastFree(mountPoint))}`,
            ),
          }
    },
  },
]

/** virt-v2v's limits. */
function leastFree(mountPoint: string): number {
  if (mountPoint === '/' || /^c:/iu.test(mountPoint)) return 100 * mebibyte
  return (mountPoint === '/boot' ? 50 : 10) * mebibyte
}

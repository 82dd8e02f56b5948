import type { MachineDisk } from '../model/machine.ts'
import type { CheckContext, MachineCheck } from './concern.ts'
import { gibibytes, mebibytes } from './format.ts'

const mebibyte = 2 ** 20
const day = 86_400_000
const largeDiskBytes = 6 * 2 ** 40

const named = (disks: readonly MachineDisk[]): string => disks.map(({ label, id }) => label ?? id).join(', ')

/** Concerned disks by name; undefined if there are none. */
const listOf = (disks: readonly MachineDisk[], sentence: (names: string) => string): string | undefined =>
  disks.length === 0 ? undefined : sentence(named(disks))

const typeOf = ({ datastore }: MachineDisk, { datastoreByName }: CheckContext): string =>
  datastoreByName.get(datastore ?? '')?.type ?? ''

/** What disks, snapshots and file systems bring. */
export const diskChecks: readonly MachineCheck[] = [
  {
    id: 'changed_block_tracking.disabled',
    severity: 'Warning',
    effortHours: 0.1,
    find: ({ isCbtEnabled }) => (isCbtEnabled === false ? 'Changed block tracking is off.' : undefined),
  },
  {
    id: 'consolidation_needed',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ needsConsolidation }) => (needsConsolidation === true ? 'Its disks need consolidation.' : undefined),
  },
  {
    id: 'datastore.missing',
    severity: 'Critical',
    effortHours: 1,
    find: ({ disks }, { datastoreByName }) =>
      datastoreByName.size === 0
        ? undefined
        : listOf(
            disks.filter(({ datastore }) => datastore !== undefined && !datastoreByName.has(datastore)),
            (names) => `No datastore of the estate holds ${names}.`,
          ),
  },
  {
    id: 'disk.capacity.invalid',
    severity: 'Critical',
    effortHours: 1,
    find: ({ disks }) =>
      listOf(
        disks.filter(({ capacityBytes }) => capacityBytes !== undefined && capacityBytes <= 0),
        (names) => `${names} has no capacity.`,
      ),
  },
  {
    id: 'disk.count.exceeds.limit',
    severity: 'Warning',
    effortHours: 2,
    find: ({ disks }) => (disks.length > 165 ? `It has ${disks.length} disks; 165 can be attached.` : undefined),
  },
  {
    id: 'disk_mode.independent',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ disks }) =>
      listOf(
        disks.filter(({ mode }) => /independent/iu.test(mode ?? '')),
        (names) => `${names} is independent of snapshots.`,
      ),
  },
  {
    id: 'disk.rdm.detected',
    severity: 'Warning',
    effortHours: 1,
    find: ({ disks }) =>
      listOf(
        disks.filter(({ rdm }) => rdm === 'Virtual'),
        (names) => `${names} is a raw device mapping.`,
      ),
  },
  {
    id: 'disk.physical_rdm',
    severity: 'Critical',
    effortHours: 4,
    find: ({ disks }) =>
      listOf(
        disks.filter(({ rdm }) => rdm === 'Physical'),
        (names) => `${names} is a raw device mapping in physical mode.`,
      ),
  },
  {
    id: 'disk.shared.detected',
    severity: 'Warning',
    effortHours: 4,
    find: ({ disks }) =>
      listOf(
        disks.filter(({ sharing }) => /multi|physical|virtual/iu.test(sharing ?? '')),
        (names) => `${names} is shared with other machines.`,
      ),
  },
  {
    id: 'disk_serial.truncated',
    severity: 'Information',
    effortHours: 0,
    find: ({ isDiskUuidEnabled, disks }) =>
      isDiskUuidEnabled === true && disks.some(({ controller }) => /scsi/iu.test(controller ?? ''))
        ? 'disk.EnableUUID is on; virtio cuts serial numbers to 20 characters.'
        : undefined,
  },
  {
    id: 'disk.unknown_controller',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ disks }) =>
      listOf(
        disks.filter(({ controller }) => /nvme/iu.test(controller ?? '')),
        (names) => `${names} hangs on an NVMe controller.`,
      ),
  },
  {
    id: 'disk.vsan_or_vvol',
    severity: 'Warning',
    effortHours: 0,
    find: ({ disks }, context) =>
      listOf(
        disks.filter((disk) => /vsan|vvol/iu.test(typeOf(disk, context))),
        (names) => `${names} is on vSAN or vVol.`,
      ),
  },
  {
    id: 'disk.large',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ disks }) =>
      listOf(
        disks.filter(({ capacityBytes }) => (capacityBytes ?? 0) > largeDiskBytes),
        (names) => `${names} is larger than 6 TiB.`,
      ),
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
        ? `Its disks add up to ${gibibytes(sum)}; the machine says ${gibibytes(diskCapacityBytes)}.`
        : undefined
    },
  },
  {
    id: 'snapshot.detected',
    severity: 'Information',
    effortHours: 0.25,
    find: ({ snapshots }) => (snapshots.length === 0 ? undefined : `It has ${snapshots.length} snapshot(s).`),
  },
  {
    id: 'snapshot.age_or_chain',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ snapshots }, { now }) => {
      const oldest = snapshots.map(({ createdTime }) => Date.parse(createdTime ?? '')).filter((time) => now - time > 7 * day)
      if (snapshots.length > 3) return `Its chain is ${snapshots.length} snapshots long; 3 are a lot.`
      return oldest.length > 0 ? `Its oldest snapshot is ${Math.floor((now - Math.min(...oldest)) / day)} days old.` : undefined
    },
  },
  {
    id: 'snapshot.foreign_schedule',
    severity: 'Warning',
    effortHours: 0.25,
    find: ({ hasForeignBackup }) => (hasForeignBackup === true ? 'A backup product takes snapshots of it.' : undefined),
  },
  {
    id: 'guestDisks.freespace',
    severity: 'Critical',
    effortHours: 0.5,
    find: ({ partitions }) => {
      const full = partitions.filter(({ mountPoint, freeBytes }) => freeBytes !== undefined && freeBytes < leastFree(mountPoint))
      return full.length === 0
        ? undefined
        : full
            .map(
              ({ mountPoint, freeBytes }) =>
                `${mountPoint} has ${mebibytes(freeBytes ?? 0)} free, ${mebibytes(leastFree(mountPoint))} are needed.`,
            )
            .join(' ')
    },
  },
]

/** virt-v2v's limits. */
function leastFree(mountPoint: string): number {
  if (mountPoint === '/' || /^c:/iu.test(mountPoint)) return 100 * mebibyte
  return (mountPoint === '/boot' ? 50 : 10) * mebibyte
}

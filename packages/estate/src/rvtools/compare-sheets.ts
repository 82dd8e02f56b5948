import type { FindingLog } from '../reconcile/finding-log.ts'
import type { MachineDraft } from './machine-drafts.ts'

const mebibyte = 2 ** 20
const gibibyte = 2 ** 30

/** Tells where the sheets of one export disagree about a machine. vInfo counts. */
export function compareSheets(draft: MachineDraft, log: FindingLog): void {
  const { info, cpu, memory, disks, nics } = draft
  const report = (field: string, message: string, remedy: string): void =>
    log.add({ kind: 'Contradictory', object: `machine/${draft.id}`, field, message, remedy })
  const again = 'The sheets were read at different moments or were edited. Export again; until then vInfo counts.'
  if (info.cpus !== undefined && cpu?.cpus !== undefined && info.cpus !== cpu.cpus)
    report('CPUs', `'${info.name}' has ${info.cpus} processors in vInfo and ${cpu.cpus} in vCPU.`, again)
  if (info.memory !== undefined && memory?.size !== undefined && info.memory !== memory.size)
    report('Memory', `'${info.name}' has ${inMib(info.memory)} of memory in vInfo and ${inMib(memory.size)} in vMemory.`, again)
  if (disks.length > 0 && info.disks !== undefined && info.disks !== disks.length)
    report('Disks', `'${info.name}' has ${info.disks} disks in vInfo and ${disks.length} in vDisk.`, again)
  const capacities = disks.flatMap(({ capacityBytes }) => capacityBytes ?? [])
  const sumBytes = capacities.reduce((sum, each) => sum + each, 0)
  // A mebibyte for each disk: both sheets round.
  if (
    info.diskCapacity !== undefined &&
    capacities.length > 0 &&
    Math.abs(info.diskCapacity - sumBytes) > disks.length * mebibyte
  )
    report(
      'Total disk capacity MiB',
      `The disks of '${info.name}' hold ${inMib(info.diskCapacity)} in vInfo and ${inMib(sumBytes)} together in vDisk.`,
      again,
    )
  if (nics.length > 0 && info.nics !== undefined && info.nics !== nics.length)
    report('NICs', `'${info.name}' has ${info.nics} network cards in vInfo and ${nics.length} in vNetwork.`, again)
  reportOdd(draft, log)
}

/** Sizes that a machine cannot well have: zero, gibibytes in a column of mebibytes, more than any hypervisor gives. */
function reportOdd({ id, info, disks }: MachineDraft, log: FindingLog): void {
  const report = (field: string, message: string): void =>
    log.add({
      kind: 'Invalid',
      object: `machine/${id}`,
      field,
      message,
      remedy: 'Look at the machine in vCenter, and at the unit of the column.',
    })
  if (info.memory !== undefined && (info.memory < 4 * mebibyte || info.memory > 24 * 1024 * gibibyte))
    report('Memory', `'${info.name}' has ${inMib(info.memory)} of memory, which no machine has.`)
  else if (info.memory !== undefined && info.memory < 256 * mebibyte && info.isPlaceholder !== true && (info.cpus ?? 0) > 1)
    report(
      'Memory',
      `'${info.name}' has ${info.cpus} processors and ${inMib(info.memory)} of memory; is the column in another unit?`,
    )
  if (info.cpus === 0 || (info.cpus ?? 1) > 1024)
    report('CPUs', `'${info.name}' has ${info.cpus} processors, which no machine has.`)
  const zero = disks.find(({ capacityBytes }) => capacityBytes === 0)
  if (zero !== undefined) report('Capacity MiB', `The disk '${zero.label ?? zero.id}' of '${info.name}' has no capacity.`)
}

const inMib = (bytes: number): string => `${Math.round(bytes / mebibyte)} MiB`

import { mebibytes } from '../concerns/format.ts'
import { finding } from '../findings/finding.ts'
import type { FindingLog } from '../findings/finding-log.ts'
import type { FindingId } from '../findings/texts/english.ts'
import type { Value } from '../sentences/template.ts'
import type { MachineDraft } from './machine-drafts.ts'

const mebibyte = 2 ** 20
const gibibyte = 2 ** 30

type DifferenceId = Extract<FindingId, `machine.${string}Differ`>

/** Tells where the sheets of one export disagree about a machine. vInfo counts. */
export function compareSheets(draft: MachineDraft, log: FindingLog): void {
  const { info, cpu, memory, disks, nics } = draft
  const report = (id: DifferenceId, field: string, [first, second]: readonly [Value, Value]): void =>
    log.add(finding(id, { kind: 'Contradictory', object: `machine/${draft.id}`, field }, { machine: info.name, first, second }))
  if (info.cpus !== undefined && cpu?.cpus !== undefined && info.cpus !== cpu.cpus)
    report('machine.cpuCountsDiffer', 'CPUs', [info.cpus, cpu.cpus])
  if (info.memory !== undefined && memory?.size !== undefined && info.memory !== memory.size)
    report('machine.memorySizesDiffer', 'Memory', [mebibytes(info.memory), mebibytes(memory.size)])
  if (disks.length > 0 && info.disks !== undefined && info.disks !== disks.length)
    report('machine.diskCountsDiffer', 'Disks', [info.disks, disks.length])
  const capacities = disks.flatMap(({ capacityBytes }) => capacityBytes ?? [])
  const sumBytes = capacities.reduce((sum, each) => sum + each, 0)
  // A mebibyte for each disk: both sheets round.
  if (
    info.diskCapacity !== undefined &&
    capacities.length > 0 &&
    Math.abs(info.diskCapacity - sumBytes) > disks.length * mebibyte
  )
    report('machine.diskSizesDiffer', 'Total disk capacity MiB', [mebibytes(info.diskCapacity), mebibytes(sumBytes)])
  if (nics.length > 0 && info.nics !== undefined && info.nics !== nics.length)
    report('machine.nicCountsDiffer', 'NICs', [info.nics, nics.length])
  reportOdd(draft, log)
}

/** Sizes that a machine cannot well have: zero, gibibytes in a column of mebibytes, more than any hypervisor gives. */
function reportOdd({ id, info, disks }: MachineDraft, log: FindingLog): void {
  const at = (field: string) => ({ kind: 'Invalid' as const, object: `machine/${id}`, field })
  const machine = info.name
  if (info.memory !== undefined && (info.memory < 4 * mebibyte || info.memory > 24 * 1024 * gibibyte))
    log.add(finding('machine.oddMemory', at('Memory'), { machine, memory: mebibytes(info.memory) }))
  else if (info.memory !== undefined && info.memory < 256 * mebibyte && info.isPlaceholder !== true && (info.cpus ?? 0) > 1)
    log.add(finding('machine.littleMemory', at('Memory'), { machine, cpus: info.cpus ?? 0, memory: mebibytes(info.memory) }))
  if (info.cpus !== undefined && (info.cpus === 0 || info.cpus > 1024))
    log.add(finding('machine.oddCpuCount', at('CPUs'), { machine, cpus: info.cpus }))
  const zero = disks.find(({ capacityBytes }) => capacityBytes === 0)
  if (zero !== undefined) log.add(finding('machine.emptyDisk', at('Capacity MiB'), { machine, disk: zero.label ?? zero.id }))
}

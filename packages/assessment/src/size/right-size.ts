import type { EstateMachine, MachineUsage } from '@weir/estate'
import { type Note, note } from '../notes/note.ts'
import { type Evidence, evidenceOf } from './evidence.ts'
import { measured, percentile } from './series.ts'
import { defaultSizePolicy, type SizePolicy } from './size-policy.ts'

/** A size that usage supports, or why there is none. */
export type SizeAdvice =
  | {
      readonly kind: 'Resize'
      readonly from: number
      readonly to: number
      /** What was measured. */
      readonly reason: Note
      readonly evidence: Evidence
    }
  | { readonly kind: 'Keep'; readonly size: number; readonly reason: Note; readonly evidence?: Evidence }

/** What the machine has, and what it could do with. */
export interface RightSize {
  /** Whole vCPUs. */
  readonly cpuCount: SizeAdvice
  /** Mebibytes, in steps of 256. */
  readonly memoryMebibytes: SizeAdvice
}

const mebibyte = 2 ** 20
const memoryStep = 256

/**
 * Sizes for `machine` from its usage. Never larger than now, never on low confidence, and memory never on active memory: that is
 * sampled page touches, not need. `mhzPerCpu` is the speed of a core where the curve was measured. Pure.
 */
export function rightSize(
  machine: EstateMachine,
  mhzPerCpu: number | undefined,
  policy: SizePolicy = defaultSizePolicy,
): RightSize {
  return { cpuCount: cpuAdvice(machine, mhzPerCpu, policy), memoryMebibytes: memoryAdvice(machine, policy) }
}

function cpuAdvice({ cpu, usage }: EstateMachine, mhzPerCpu: number | undefined, policy: SizePolicy): SizeAdvice {
  const size = cpu.count ?? 0
  if (usage?.cpuMhz === undefined) return keep(size, note('size.noCpuCurve'))
  if (mhzPerCpu === undefined) return keep(size, note('size.noClock'))
  const evidence = evidenceOf(usage, usage.cpuMhz)
  if (evidence.confidence === 'Low') return keep(size, lowEvidence(evidence), evidence)
  const demandMhz = percentile(measured(usage.cpuMhz), policy.cpuPercentile) * policy.cpuHeadroom
  const wanted = Math.max(1, Math.ceil(demandMhz / mhzPerCpu), Math.ceil(size * (1 - policy.largestCut)))
  if (wanted >= size) return keep(size, note('size.cpuNeeded'), evidence)
  const reason = note('size.cpuShrinks', {
    percentile: Math.round(policy.cpuPercentile * 100),
    used: Math.round(demandMhz / policy.cpuHeadroom),
    size: Math.round(size * mhzPerCpu),
  })
  return { kind: 'Resize', from: size, to: wanted, reason, evidence }
}

function memoryAdvice(machine: EstateMachine, policy: SizePolicy): SizeAdvice {
  const size = Math.round((machine.memory.sizeBytes ?? 0) / mebibyte)
  const fixed = fixedMemoryName(machine, policy)
  if (fixed !== undefined) return keep(size, note('size.fixedMemory', { name: fixed }))
  const need = memoryNeed(machine.usage)
  if (need === undefined) return keep(size, memoryRefusal(machine.usage))
  if (need.evidence.confidence === 'Low') return keep(size, lowEvidence(need.evidence), need.evidence)
  const highest = percentile(measured(need.series), 1) / mebibyte
  const least = Math.max(size * (1 - policy.largestCut), floorMebibytes(machine))
  const wanted = Math.ceil(Math.max(highest * policy.memoryHeadroom, least) / memoryStep) * memoryStep
  if (wanted >= size) return keep(size, note('size.memoryNeeded'), need.evidence)
  const reason = note(need.id, { used: Math.round(highest), size })
  return { kind: 'Resize', from: size, to: wanted, reason, evidence: need.evidence }
}

/** In-guest need first; consumed memory else, which only ever overstates it. */
function memoryNeed(usage: MachineUsage | undefined) {
  if (usage?.memoryNeededBytes !== undefined)
    return {
      series: usage.memoryNeededBytes,
      id: 'size.memoryShrinksByNeed' as const,
      evidence: evidenceOf(usage, usage.memoryNeededBytes),
    }
  if (usage?.memoryConsumedBytes !== undefined)
    return {
      series: usage.memoryConsumedBytes,
      id: 'size.memoryShrinksByConsumed' as const,
      evidence: evidenceOf(usage, usage.memoryConsumedBytes),
    }
  return undefined
}

const memoryRefusal = (usage: MachineUsage | undefined): Note =>
  note(usage?.memoryActiveBytes === undefined ? 'size.noMemoryCurve' : 'size.onlyActive')

function fixedMemoryName({ name, guest }: EstateMachine, { fixedMemory }: SizePolicy): string | undefined {
  return [name, ...(guest.applications ?? [])].find((text) => fixedMemory.test(text))
}

/** Below this an operating system is not happy, whatever was measured. */
const floorMebibytes = ({ guest }: EstateMachine): number =>
  /windows/iu.test(guest.reportedOs ?? guest.configuredOs ?? '') ? 2048 : 512

const lowEvidence = ({ days, coverage, stepSeconds }: Evidence): Note =>
  note('size.lowEvidence', { days: days.toFixed(1), step: stepSeconds, coverage: Math.round(coverage * 100) })

const keep = (size: number, reason: Note, evidence?: Evidence): SizeAdvice => ({
  kind: 'Keep',
  size,
  reason,
  ...(evidence === undefined ? {} : { evidence }),
})

import type { EstateMachine } from '../model/machine.ts'
import type { CheckContext, EstateConcern } from './concern.ts'
import { concernsOfMachine } from './find-concerns.ts'
import type { UserRule } from './user-rules.ts'

/** How far a machine is from moving. */
export type Readiness =
  /** Nothing stands in its way. */
  | 'Ready'
  /** It can move; somebody has to look at something. */
  | 'ReadyWithWork'
  /** Something critical has to be mended first. */
  | 'Blocked'
  /** It is not moved at all: a template, or a stand-in for a machine elsewhere. */
  | 'NotMoved'

/** A machine judged. */
export interface MachineAssessment {
  readonly machine: EstateMachine
  readonly readiness: Readiness
  /** Critical ones first. */
  readonly concerns: readonly EstateConcern[]
  /** Work for people, in hours: that of every move, and what its concerns add. */
  readonly effortHours: number
  /** Ids of what keeps it from a warm migration; empty if nothing does. */
  readonly warmBlockers: readonly string[]
}

/** What every move takes: checking, cutting over, looking after it. */
const baseEffortHours = 1
const warmBlockers: ReadonlySet<string> = new Set([
  'changed_block_tracking.disabled',
  'consolidation_needed',
  'disk_mode.independent',
  'disk.physical_rdm',
  'disk.shared.detected',
  'hw.version_old',
  'snapshot.detected',
  'snapshot.foreign_schedule',
  'tools.not_running',
])

/** `machine` with its concerns, those of the user's rules among them, and what follows from them. Pure. */
export function assessMachine(machine: EstateMachine, context: CheckContext, rules: readonly UserRule[] = []): MachineAssessment {
  const concerns = concernsOfMachine(
    machine,
    context,
    rules.map(({ check }) => check),
  )
  const isMoved = machine.type === 'VirtualMachine' || machine.type === 'Container'
  return {
    machine,
    readiness: isMoved ? readinessOf(concerns) : 'NotMoved',
    concerns,
    effortHours: isMoved ? concerns.reduce((sum, { effortHours }) => sum + effortHours, baseEffortHours) : 0,
    warmBlockers: concerns.map(({ id }) => id).filter((id) => warmBlockers.has(id)),
  }
}

function readinessOf(concerns: readonly EstateConcern[]): Readiness {
  if (concerns.some(({ severity }) => severity === 'Critical')) return 'Blocked'
  return concerns.some(({ severity }) => severity === 'Warning') ? 'ReadyWithWork' : 'Ready'
}

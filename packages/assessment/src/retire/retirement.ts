import type { EstateMachine } from '@weir/estate'
import { type Note, note } from '../notes/note.ts'
import { type Evidence, evidenceOf } from '../size/evidence.ts'
import { measured, percentile } from '../size/series.ts'

/** Why a machine may not be needed at all. Being larger than needed is another matter: see RightSize. */
export interface Retirement {
  readonly kind: 'PoweredOff' | 'Idle' | 'Orphaned'
  readonly reason: Note
  readonly evidence?: Evidence
}

/** A machine that never exceeds this is idle: an operating system with nothing to do. */
const idleMhz = 100

/**
 * Why `machine` may be retired; undefined if nothing says so. A hint for its owner, never a decision: only idle machines seen for
 * at least 30 days count. Pure.
 */
export function retirementOf(machine: EstateMachine): Retirement | undefined {
  const { power, connection, usage } = machine
  if (connection !== undefined && /orphaned|inaccessible|invalid/iu.test(connection))
    return { kind: 'Orphaned', reason: note('retire.orphaned', { connection }) }
  if (power === 'Off') return { kind: 'PoweredOff', reason: note('retire.off') }
  if (usage?.cpuMhz === undefined) return undefined
  const evidence = evidenceOf(usage, usage.cpuMhz)
  const highest = percentile(measured(usage.cpuMhz), 0.99)
  if (evidence.days < 30 || evidence.confidence === 'Low' || !(highest < idleMhz)) return undefined
  return { kind: 'Idle', reason: note('retire.idle', { days: Math.round(evidence.days), mhz: idleMhz }), evidence }
}

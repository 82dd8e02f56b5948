import type { EstateCluster } from '../model/estate.ts'
import type { EstateMachine } from '../model/machine.ts'
import { fillTemplate, type Values } from '../sentences/template.ts'
import type { CheckContext, EstateConcern, MachineCheck, Severity, UserCheck } from './concern.ts'
import { diskChecks } from './disk-checks.ts'
import { guestChecks } from './guest-checks.ts'
import { hardwareChecks } from './hardware-checks.ts'
import { identityChecks } from './identity-checks.ts'
import { type ClusterConcernId, type ConcernId, englishConcerns } from './texts/english.ts'

/** Every check of a machine that an estate can answer; ids are unique. */
export const machineChecks: readonly MachineCheck[] = [...identityChecks, ...hardwareChecks, ...diskChecks, ...guestChecks]

const order: readonly Severity[] = ['Critical', 'Warning', 'Information']

/** Every concern about `machine`, those of `more` checks among them, critical ones first. Pure. */
export function concernsOfMachine(
  machine: EstateMachine,
  context: CheckContext,
  more: readonly UserCheck[] = [],
): readonly EstateConcern[] {
  const object = { kind: 'Machine' as const, id: machine.id, name: machine.name }
  const found = [
    ...machineChecks.flatMap(({ id, severity, effortHours, find }): readonly EstateConcern[] => {
      const values = find(machine, context)
      return values === undefined ? [] : [{ id, severity, object, ...said(id, values), effortHours }]
    }),
    ...more.flatMap(({ id, severity, effortHours, remedy, find }): readonly EstateConcern[] => {
      const evidence = find(machine, context)
      return evidence === undefined ? [] : [{ id, severity, object, evidence, values: {}, remedy, effortHours }]
    }),
  ]
  return found.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
}

/** What a cluster's features mean for the move. Pure. */
export function concernsOfCluster({ id, name, isDrsEnabled, isDpmEnabled }: EstateCluster): readonly EstateConcern[] {
  const about = (concern: ClusterConcernId): EstateConcern => ({
    id: concern,
    severity: 'Information',
    object: { kind: 'Cluster', id, name },
    ...said(concern, {}),
    effortHours: 0,
  })
  return [...(isDrsEnabled === true ? [about('drs.enabled')] : []), ...(isDpmEnabled === true ? [about('dpm.enabled')] : [])]
}

/** A concern in words: the English ones, and what it takes to say them in another language. */
function said(id: ConcernId, values: Values): Pick<EstateConcern, 'evidence' | 'values' | 'remedy'> {
  const { evidence, remedy } = englishConcerns[id]
  return { evidence: fillTemplate(evidence, values, 'en'), values, remedy }
}

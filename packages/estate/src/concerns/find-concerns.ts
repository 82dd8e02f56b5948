import type { EstateCluster } from '../model/estate.ts'
import type { EstateMachine } from '../model/machine.ts'
import type { CheckContext, EstateConcern, MachineCheck, Severity, UserCheck } from './concern.ts'
import { diskChecks } from './disk-checks.ts'
import { guestChecks } from './guest-checks.ts'
import { hardwareChecks } from './hardware-checks.ts'
import { identityChecks } from './identity-checks.ts'
import { englishConcerns } from './texts/english.ts'

/** Every check of a machine that an estate can answer; ids are unique. */
export const machineChecks: readonly MachineCheck[] = [...identityChecks, ...hardwareChecks, ...diskChecks, ...guestChecks]

const order: readonly Severity[] = ['Critical', 'Warning', 'Information']

/** Every concern about `machine`, those of `more` checks among them, critical ones first. Pure. */
export function concernsOfMachine(
  machine: EstateMachine,
  context: CheckContext,
  more: readonly UserCheck[] = [],
): readonly EstateConcern[] {
  const found = [...machineChecks, ...more].flatMap((check): readonly EstateConcern[] => {
    const { id, severity, effortHours, find } = check
    const remedy = 'remedy' in check ? check.remedy : englishConcerns[check.id].remedy
    const evidence = find(machine, context)
    const object = { kind: 'Machine' as const, id: machine.id, name: machine.name }
    return evidence === undefined ? [] : [{ id, severity, object, evidence, remedy, effortHours }]
  })
  return found.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
}

/** What a cluster's features mean for the move. Pure. */
export function concernsOfCluster({ id, name, isDrsEnabled, isDpmEnabled }: EstateCluster): readonly EstateConcern[] {
  const about = (concern: string, evidence: string, remedy: string): EstateConcern => ({
    id: concern,
    severity: 'Information',
    object: { kind: 'Cluster', id, name },
    evidence,
    remedy,
    effortHours: 0,
  })
  return [
    ...(isDrsEnabled === true
      ? [about('drs.enabled', 'DRS moves machines between hosts.', 'Set it to manual while machines of the cluster move.')]
      : []),
    ...(isDpmEnabled === true
      ? [about('dpm.enabled', 'DPM powers hosts off and on.', 'Turn it off while machines of the cluster move.')]
      : []),
  ]
}

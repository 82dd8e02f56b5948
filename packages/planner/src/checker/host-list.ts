import type { PlacementPlan, PlannedHost } from '../plan.ts'
import type { Amounts } from '../problem.ts'
import { peakOf, sumDemand, usableOf } from './load.ts'
import { amountOf, type ProblemIndex, type SeenHost } from './problem-index.ts'
import type { Violation } from './violation.ts'
import type { World } from './world.ts'

/** Entries of the plan's host list that say something else than the problem and the assignments. */
export function checkHostList(index: ProblemIndex, world: World, plan: PlacementPlan): Violation[] {
  return plan.hosts.flatMap((planned) => {
    const host = world.hosts.get(planned.name)
    return host === undefined ? [] : checkPlannedHost(index, world, host, planned)
  })
}

function checkPlannedHost(index: ProblemIndex, world: World, host: SeenHost, planned: PlannedHost): Violation[] {
  const found = (message: string): Violation => ({ kind: 'HostList', subject: host.name, message })
  const violations: Violation[] = []
  const workloads = world.on(host.name)
  if (host.existing !== undefined && host.existing.type !== planned.type) {
    violations.push(found(`${host.name} is of type ${host.existing.type}, the plan says ${planned.type}.`))
  }
  if (planned.workloadCount !== workloads.length) {
    violations.push(found(`${host.name} has ${workloads.length} workloads, the plan says ${planned.workloadCount}.`))
  }
  for (const { name } of index.problem.resources) {
    const peak = peakOf(sumDemand(index.problem, workloads, name))
    const usable = usableOf(index.problem, host.type, name)
    // Curves that code makes may hold fractions: not a whole unit apart is equal.
    const differ = (said: Amounts, counted: number): boolean => !(Math.abs(amountOf(said, name) - counted) < 1)
    if (differ(planned.peak, peak)) violations.push(found(`The peak of ${name} on ${host.name} is ${peak}, not as planned.`))
    if (differ(planned.usable, usable)) {
      violations.push(found(`Of ${name} on ${host.name} ${usable} may be used, not what is planned.`))
    }
  }
  return violations
}

/** Host types of which more are used than there may be; hosts that exist count whether used or not. */
export function checkHostCounts(index: ProblemIndex, world: World): Violation[] {
  return index.problem.hostTypes.flatMap((type) => {
    if (type.count === undefined) return []
    const existing = [...index.hosts.values()].filter((host) => host.type === type.name)
    const madeUp = [...world.hosts.values()].filter((host) => host.type.name === type.name && host.existing === undefined)
    const count = existing.length + madeUp.length
    if (madeUp.length === 0 || count <= type.count) return []
    return [{ kind: 'HostCount', subject: type.name, message: `${count} hosts of ${type.name}; there may be ${type.count}.` }]
  })
}

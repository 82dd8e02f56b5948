import type { PlacementPlan } from '../plan.ts'
import type { PlacementProblem, Workload } from '../problem.ts'
import { checkCertificates } from './certificates.ts'
import { checkConflicts } from './conflicts.ts'
import { checkHostLoad, checkSelector } from './host-load.ts'
import { checkHostCounts, checkHostList } from './host-list.ts'
import { indexProblem, type ProblemIndex, seeHost, type SeenHost } from './problem-index.ts'
import { bindRules, breaksOf } from './rules.ts'
import { checkBound, checkScore } from './score.ts'
import type { Violation } from './violation.ts'
import { createWorld, type World } from './world.ts'

/**
 * Everything that is wrong with a plan; empty for a valid one. Written apart from the planner and for obviousness: it shares
 * nothing with it but the types of the documents. A workload that the plan admits to have no host for is no violation.
 * O(workloads x points x resources + certificates x workloads of the lost hosts).
 */
export function checkPlan(problem: PlacementProblem, plan: PlacementPlan): Violation[] {
  const index = indexProblem(problem)
  const { world, violations } = readPlan(index, plan)
  return [
    ...violations,
    ...checkHostList(index, world, plan),
    ...checkHostCounts(index, world),
    ...problem.workloads.flatMap((workload) => checkSeat(world, workload)),
    ...[...world.hosts.values()].flatMap((host) => checkHostLoad(problem, host, world.on(host.name))),
    ...checkRules(problem, world),
    ...checkConflicts(index, plan),
    ...checkCertificates(index, world, plan.certificates),
    ...checkScore(index, world, plan),
    ...checkBound(index, world, plan),
  ]
}

/** The world that a plan describes, and assignments that describe nothing. */
function readPlan(index: ProblemIndex, plan: PlacementPlan): { readonly world: World; readonly violations: Violation[] } {
  const found = (subject: string, message: string): Violation => ({ kind: 'Assignment', subject, message })
  const hosts = new Map<string, SeenHost>()
  const violations: Violation[] = []
  for (const { name, type } of plan.hosts) {
    const known = index.types.get(type)
    if (known === undefined) violations.push({ kind: 'HostList', subject: name, message: `There is no host type ${type}.` })
    else if (hosts.has(name)) violations.push({ kind: 'HostList', subject: name, message: `${name} is listed twice.` })
    else hosts.set(name, seeHost(index, name, known))
  }
  const world = createWorld(hosts)
  for (const [name, hostName] of Object.entries(plan.assignments)) {
    const workload = index.workloads.get(name)
    const host = hosts.get(hostName)
    if (workload === undefined) violations.push(found(name, `${name} is assigned and is no workload of the problem.`))
    else if (host === undefined) violations.push(found(name, `${name} is on ${hostName}, which is not among the hosts.`))
    else world.put(workload, host)
  }
  const without = new Set(plan.unplaced.map(({ workload }) => workload))
  for (const workload of index.workloads.values()) {
    const isAssigned = Object.hasOwn(plan.assignments, workload.name)
    if (isAssigned === without.has(workload.name)) {
      const what = isAssigned ? 'both assigned and among the unplaced' : 'neither assigned nor among the unplaced'
      violations.push(found(workload.name, `${workload.name} is ${what}.`))
    }
  }
  return { world, violations }
}

/** What is wrong with one workload on its host, whoever else is there: labels, the state of the host, being moved at all. */
function checkSeat(world: World, workload: Workload): Violation[] {
  const host = world.hostOf(workload)
  if (host === undefined) return []
  const { name, currentHost } = workload
  const violations: Violation[] = []
  const isMoved = currentHost !== undefined && host.name !== currentHost
  if (workload.move?.isMovable === false && isMoved) {
    const message = `${name} cannot be moved from ${currentHost} and is on ${host.name}.`
    violations.push({ kind: 'Immovable', subject: name, message })
  }
  violations.push(...checkSelector(host, workload))
  const state = host.existing?.state ?? 'Ready'
  if (state === 'Maintenance' || (state === 'Cordoned' && currentHost !== host.name)) {
    violations.push({ kind: 'HostState', subject: name, message: `${name} is on ${host.name}, which is in state ${state}.` })
  }
  return violations
}

/** Required rules that are broken. */
function checkRules(problem: PlacementProblem, world: World): Violation[] {
  return bindRules(problem)
    .filter(({ rule }) => rule.enforcement !== 'Preferred')
    .flatMap((bound) =>
      breaksOf(bound, world).map(({ message }): Violation => ({ kind: 'Rule', subject: bound.rule.name, message })),
    )
}

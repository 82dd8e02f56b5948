import type { Amounts, PlacementProblem, Workload } from '../problem.ts'
import type { Conflict } from '../plan.ts'
import { checkHostLoad, checkSelector } from './host-load.ts'
import { indexProblem, seeHost, type SeenHost } from './problem-index.ts'
import { type BoundRule, bindRules, breaksOf } from './rules.ts'
import { type ChangingWorld, createWorld } from './world.ts'

/** Trials that are left: workloads put on a host to see whether that does. Several questions may share them. */
export interface Trials {
  left: number
}

/** Constraints to be kept, by name. */
export type ConstraintSet = Pick<Conflict, 'rules' | 'workloads' | 'limits'>

/**
 * Whether the hosts of a problem can keep a set of constraints, by trying every way as long as there are trials
 * left; `Unknown` if there are not. All other constraints are lifted: rules that are not
 * named, amounts of other resources, what workloads ask for beside them; hosts in maintenance take nothing and cordoned ones only what
 * they run. Workloads that are not named may be on any host, or on none, and need nothing, for each rule as serves it best.
 */
export function isPlaceable(
  problem: PlacementProblem,
  set: ConstraintSet,
  trials: Trials,
): 'Placeable' | 'Impossible' | 'Unknown' {
  if (trials.left < 0) return 'Unknown'
  const lifted = lift(problem, set)
  const named = new Set(set.workloads)
  const chosen = lifted.workloads.filter(({ name }) => named.has(name))
  const helpers = lifted.workloads.filter(({ name }) => !named.has(name))
  const rules = bindRules(lifted).filter(({ rule }) => set.rules.includes(rule.name))
  const hosts = hostsFor(lifted)
  const world = createWorld(new Map(hosts.map((host) => [host.name, host])))
  const trial: Trial = { problem: lifted, world, hosts, rules, helpers, trials }
  const isFound = placeAll(trial, chosen)
  if (isFound) return 'Placeable'
  return trials.left < 0 ? 'Unknown' : 'Impossible'
}

interface Trial {
  readonly problem: PlacementProblem
  readonly world: ChangingWorld
  readonly hosts: readonly SeenHost[]
  readonly rules: readonly BoundRule[]
  readonly helpers: readonly Workload[]
  readonly trials: Trials
}

/** The problem with nothing limited but what the set names. */
function lift(problem: PlacementProblem, { limits }: ConstraintSet): PlacementProblem {
  const resources = new Set(limits.flatMap(({ constraint, workload }) => (workload === undefined ? constraint : [])))
  const kept = new Set(limits.flatMap(({ constraint, workload }) => (workload === undefined ? [] : `${constraint} ${workload}`)))
  const pick = <T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
    Object.fromEntries(Object.entries(record).filter(([key]) => resources.has(key)))
  return {
    ...problem,
    workloads: problem.workloads.map((workload): Workload => {
      const { hostSelector, devices, singleNumaNode, move, curves, ...rest } = workload
      const has = (trait: string): boolean => kept.has(`${trait} ${workload.name}`)
      const requests: Amounts = pick(rest.requests)
      return {
        ...rest,
        requests,
        ...(curves !== undefined && { curves: pick(curves) }),
        ...(hostSelector !== undefined && has('hostSelector') && { hostSelector }),
        ...(devices !== undefined && has('devices') && { devices }),
        ...(singleNumaNode !== undefined && has('singleNumaNode') && { singleNumaNode }),
        ...(move !== undefined && has('move.isMovable') && { move }),
      }
    }),
  }
}

/** Hosts that may take something, those that may be made up among them: no more than there are workloads. */
function hostsFor(problem: PlacementProblem): readonly SeenHost[] {
  const index = indexProblem(problem)
  const existing = (problem.hosts ?? []).filter(({ state }) => state !== 'Maintenance')
  const known = new Set((problem.hosts ?? []).map(({ name }) => name))
  const madeUp = problem.hostTypes.flatMap((type) => {
    const there = (problem.hosts ?? []).filter((host) => host.type === type.name).length
    const count = Math.min((type.count ?? Number.POSITIVE_INFINITY) - there, problem.workloads.length)
    const names = Array.from({ length: Math.max(0, count) }, (_, at) => `${type.name}+${at}`)
    return names.filter((name) => !known.has(name)).map((name) => ({ name, type: type.name }))
  })
  return [...existing, ...madeUp].flatMap(({ name, type: typeName }) => {
    const type = index.types.get(typeName)
    return type === undefined ? [] : [seeHost(index, name, type)]
  })
}

function placeAll(trial: Trial, [workload, ...rest]: readonly Workload[]): boolean {
  const { problem, world, hosts, rules, trials } = trial
  if (workload === undefined) return rules.every((bound) => canHold(trial, bound, helpersOf(trial, bound)))
  return hosts.some((host) => {
    // In a large problem a trial takes as much time as several in a small one.
    trials.left -= 1 + (problem.workloads.length >> 4)
    if (trials.left < 0 || !maySit(host, workload)) return false
    world.put(workload, host)
    const isKept = checkHostLoad(problem, host, world.on(host.name)).length === 0 && !isBrokenForGood(trial)
    if (isKept && placeAll(trial, rest)) return true
    world.put(workload, undefined)
    return false
  })
}

function maySit(host: SeenHost, workload: Workload): boolean {
  const { currentHost, move } = workload
  const isHome = currentHost === host.name
  if (host.existing?.state === 'Cordoned' && !isHome) return false
  if (move?.isMovable === false && currentHost !== undefined && !isHome) return false
  return checkSelector(host, workload).length === 0
}

/** True if a rule is broken that nothing placed later can mend. */
function isBrokenForGood({ rules, world }: Trial): boolean {
  return rules.some(
    (bound) => bound.rule.type !== 'Spread' && bound.rule.type !== 'Dependency' && breaksOf(bound, world).length > 0,
  )
}

/** Workloads that could help to keep a rule. */
function helpersOf({ helpers }: Trial, { rule, members, others }: BoundRule): readonly Workload[] {
  const wanted = new Set(rule.type === 'Spread' ? members : rule.type === 'Dependency' ? others : [])
  return helpers.filter((workload) => wanted.has(workload))
}

/** True if the rule is kept, if need be with helpers somewhere. */
function canHold(trial: Trial, bound: BoundRule, [helper, ...rest]: readonly Workload[]): boolean {
  const { world, hosts, trials } = trial
  if (--trials.left < 0) return false
  if (breaksOf(bound, world).length === 0) return true
  if (helper === undefined) return false
  if (canHold(trial, bound, rest)) return true
  return hosts.some((host) => {
    world.put(helper, host)
    const isKept = canHold(trial, bound, rest)
    world.put(helper, undefined)
    return isKept
  })
}

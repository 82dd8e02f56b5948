import type { Workload } from '../problem.ts'
import { checkCapacity, checkHostLoad, checkPlaces } from './host-load.ts'
import { type ProblemIndex, seeHost, type SeenHost } from './problem-index.ts'
import { type BoundRule, bindRules, breaksOf } from './rules.ts'
import type { Violation } from './violation.ts'
import { type ChangingWorld, createWorld } from './world.ts'

/** The running fabric while moves happen: where everything is, and what is on its way to where. */
export interface MoveState {
  readonly world: ChangingWorld
  /** A move starts: what is wrong with its target while transient resources count there too. */
  readonly start: (workload: Workload, to: string) => Violation[]
  /** The move ends: what is wrong with its target, and which required rules are broken more often than before. */
  readonly end: (workload: Workload, to: string) => Violation[]
}

/** The state before the first move: every workload on its `currentHost`. */
export function createMoveState(index: ProblemIndex): MoveState {
  const { problem } = index
  const world = createWorld(existingHosts(index))
  for (const workload of problem.workloads) {
    const host = world.hosts.get(workload.currentHost ?? '')
    if (host !== undefined) world.put(workload, host)
  }
  const arriving = new Map<string, Set<Workload>>()
  const transient = problem.resources.filter((resource) => resource.transient === true)
  const { rulesFor, count } = createRuleCounter(index, world)

  return {
    world,
    start: (workload, to) => {
      const host = world.hosts.get(to)
      if (host === undefined) return []
      arriving.set(to, (arriving.get(to) ?? new Set()).add(workload))
      const there = [...world.on(to), ...(arriving.get(to) ?? [])]
      return [...checkCapacity(problem, host, there, transient), ...checkPlaces(problem, host, there)]
    },
    end: (workload, to) => {
      const host = world.hosts.get(to)
      if (host === undefined) return []
      const rules = rulesFor(workload)
      const before = rules.map(count)
      arriving.get(to)?.delete(workload)
      world.put(workload, host)
      const broken = rules.filter((bound, at) => count(bound) > (before[at] ?? 0))
      return [
        ...checkHostLoad(problem, host, world.on(to)),
        ...checkCapacity(problem, host, [...world.on(to), ...(arriving.get(to) ?? [])], transient),
        ...broken.flatMap((bound) => brokenBy(bound, workload, host)),
      ]
    },
  }
}

function brokenBy({ rule }: BoundRule, workload: Workload, host: SeenHost): Violation[] {
  return [{ kind: 'Rule', subject: rule.name, message: `Moving ${workload.name} to ${host.name} breaks ${rule.name}.` }]
}

/** The required rules that moving a workload can break, and how often a rule is broken now. */
function createRuleCounter(index: ProblemIndex, world: ChangingWorld) {
  const required = bindRules(index.problem).filter(({ rule }) => rule.enforcement !== 'Preferred')
  const closed = required.filter(({ rule }) => rule.type === 'ClosedHostSet')
  const rulesOf = new Map<Workload, BoundRule[]>()
  for (const bound of required.filter(({ rule }) => rule.type !== 'ClosedHostSet')) {
    for (const workload of new Set([...bound.members, ...bound.others])) {
      rulesOf.set(workload, [...(rulesOf.get(workload) ?? []), bound])
    }
  }
  return {
    // A closed set is broken by strangers, whom it does not name.
    rulesFor: (workload: Workload): readonly BoundRule[] => [...(rulesOf.get(workload) ?? []), ...closed],
    count: (bound: BoundRule): number => breaksOf(bound, world).reduce((sum, { count }) => sum + count, 0),
  }
}

function existingHosts(index: ProblemIndex): ReadonlyMap<string, SeenHost> {
  return new Map(
    [...index.hosts.values()].flatMap((host) => {
      const type = index.types.get(host.type)
      return type === undefined ? [] : [[host.name, seeHost(index, host.name, type)] as const]
    }),
  )
}

import type { PlacementPlan, Score } from '../plan.ts'
import { amountOf, moveMebibytes, type ProblemIndex } from './problem-index.ts'
import { bindRules, breaksOf } from './rules.ts'
import type { Violation } from './violation.ts'
import type { World } from './world.ts'

/** What a placement costs, counted from nothing but the problem and who is where. */
function scoreOf(index: ProblemIndex, world: World): Score {
  const hosts = [...world.hosts.values()]
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  return {
    hostCount: hosts.length,
    price: sum(hosts.map(({ type }) => type.price ?? 1)),
    licencePrice: sum(
      hosts.flatMap(({ name, type }) => {
        const licences = new Set(world.on(name).flatMap((workload) => workload.licence ?? []))
        return [...licences].map((licence) => amountOf(type.licencePrices, licence))
      }),
    ),
    watts: sum(hosts.map(({ type }) => type.watts ?? 0)),
    preference: sum(
      bindRules(index.problem)
        .filter(({ rule }) => rule.enforcement === 'Preferred')
        .flatMap((bound) => breaksOf(bound, world).map(({ count }) => count * (bound.rule.weight ?? 1))),
    ),
    moveMebibytes: sum(
      index.problem.workloads
        .filter((workload) => {
          const host = world.hostOf(workload)
          return workload.currentHost !== undefined && host !== undefined && host.name !== workload.currentHost
        })
        .map(moveMebibytes),
    ),
  }
}

/** Terms of the plan's score that differ from a count of our own. */
export function checkScore(index: ProblemIndex, world: World, plan: PlacementPlan): Violation[] {
  const counted = scoreOf(index, world)
  const terms = Object.keys(counted) as (keyof Score)[]
  return terms
    .filter((term) => Math.abs(plan.score[term] - counted[term]) > 1e-6 * Math.max(1, counted[term]))
    .map((term) => ({
      kind: 'Score',
      subject: term,
      message: `The plan says ${plan.score[term]} for ${term}; counted again it is ${counted[term]}.`,
    }))
}

/** A bound above the plan's own value, a best argument that is not the best, or a gap that is not (value - bound) / bound. */
export function checkBound(index: ProblemIndex, world: World, plan: PlacementPlan): Violation[] {
  const value = objectiveOf(index, scoreOf(index, world))
  const { bound } = plan
  const found = (subject: string, message: string): Violation => ({ kind: 'Bound', subject, message })
  const violations: Violation[] = []
  // The bound is on plans that place everything.
  if (bound.value > value && plan.unplaced.length === 0) {
    violations.push(found('bound.value', `The bound ${bound.value} is above the plan's own value ${value}.`))
  }
  const best = Math.max(...bound.all.map((argument) => argument.value))
  if (bound.value !== best) {
    violations.push(found('bound.all', `The best argument gives ${best}, the bound says ${bound.value}.`))
  }
  if (!bound.all.some((argument) => argument.by === bound.by && argument.value === bound.value)) {
    violations.push(found('bound.by', `The argument ${bound.by} does not give ${bound.value}.`))
  }
  const gapPercent = bound.value === 0 ? 0 : ((value - bound.value) / bound.value) * 100
  if (!(Math.abs(bound.gapPercent - gapPercent) <= 0.01)) {
    violations.push(found('bound.gapPercent', `The gap is ${gapPercent} %, the plan says ${bound.gapPercent} %.`))
  }
  return violations
}

/** The score in the unit of the objective: hosts, price with licences, or watts. */
function objectiveOf(index: ProblemIndex, score: Score): number {
  switch (index.problem.policy?.objective ?? 'Hosts') {
    case 'Hosts':
      return score.hostCount
    case 'Price':
      return score.price + score.licencePrice
    case 'Watts':
      return score.watts
  }
}

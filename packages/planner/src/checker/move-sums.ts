import type { MovePlan } from '../fabric/move-plan.ts'
import { createMoveState } from './move-state.ts'
import type { ProblemIndex } from './problem-index.ts'
import type { Violation } from './violation.ts'

/** What the plan says of itself: emptied hosts, makespan, bounds below its own values, sums of gains and costs. */
export function checkMoveSums(index: ProblemIndex, plan: MovePlan): Violation[] {
  const makespan = plan.moves.reduce((latest, move) => Math.max(latest, move.endSeconds), 0)
  const violations: Violation[] = checkEmptied(index, plan)
  if (Math.abs(plan.makespanSeconds - makespan) > 1e-6 * Math.max(1, makespan)) {
    const message = `The last move ends after ${makespan} s, the plan says ${plan.makespanSeconds}.`
    violations.push({ kind: 'Makespan', subject: 'makespanSeconds', message })
  }
  const mebibytes = plan.moves.reduce((sum, move) => sum + move.mebibytes, 0)
  const values = { moveCount: plan.moves.length, mebibytes, makespanSeconds: makespan }
  for (const name of ['moveCount', 'mebibytes', 'makespanSeconds'] as const) {
    if (plan.bound[name] <= values[name] * (1 + 1e-9)) continue
    const message = `The bound ${plan.bound[name]} is above the plan's own ${values[name]}.`
    violations.push({ kind: 'Bound', subject: `bound.${name}`, message })
  }
  for (const name of ['gain', 'cost'] as const) {
    const sum = plan.moves.reduce((total, move) => total + move[name], 0)
    if (Math.abs(sum - plan.benefit[name]) <= 1e-6 * Math.max(1, Math.abs(sum))) continue
    const message = `The moves add up to ${sum}, the plan says ${plan.benefit[name]}.`
    violations.push({ kind: 'Score', subject: `benefit.${name}`, message })
  }
  return violations
}

function checkEmptied(index: ProblemIndex, plan: MovePlan): Violation[] {
  const { world } = createMoveState(index)
  const before = new Set([...world.hosts.keys()].filter((host) => world.on(host).length > 0))
  for (const move of plan.moves) {
    const workload = index.workloads.get(move.workload)
    const host = world.hosts.get(move.to)
    if (workload !== undefined && host !== undefined) world.put(workload, host)
  }
  const emptied = [...before].filter((host) => world.on(host).length === 0)
  const said = new Set(plan.emptiedHosts)
  const found = (host: string, message: string): Violation => ({ kind: 'HostList', subject: host, message })
  return [
    ...emptied.filter((host) => !said.has(host)).map((host) => found(host, `${host} is emptied and not named.`)),
    ...[...said].filter((host) => !emptied.includes(host)).map((host) => found(host, `${host} is not emptied.`)),
  ]
}

import { WeirError } from '@weir/base'
import { type MovePlan, type PlacementProblem, planMoves } from '@weir/planner'
import { openFabric } from '../fabric/open-fabric.ts'
import { type MoveFlags, moveOptions, type MoveRequest } from './move-flags.ts'
import { movesText } from './moves-text.ts'

/**
 * Plans moves of what runs on a fabric and prints them. Ends with 1 if a host that is to be empty will not be.
 * @throws CLI_USAGE, PLAN_PROBLEM_INVALID; as `openFabric`
 */
export async function runMoves({ goal, hosts }: MoveRequest, flags: MoveFlags): Promise<void> {
  const { problem: found, staysBecause, findings } = await openFabric(flags)
  refuseUnplaced(found)
  const problem = goal === 'Drain' ? withMaintenance(found, hosts) : found
  const options = moveOptions(flags)
  const plan = explained(planMoves(problem, goal, options), staysBecause)
  process.stdout.write(
    flags.output === 'json' ? `${JSON.stringify(plan, undefined, 2)}\n` : movesText(problem, plan, { options, findings }),
  )
  if (goal === 'Drain' && plan.held.length > 0) process.exitCode = 1
}

/** Moves start from where things run: a problem without that is none of a running fabric. */
function refuseUnplaced({ hosts = [], workloads }: PlacementProblem): void {
  const fail = (field: string, message: string): never => {
    throw new WeirError('PLAN_PROBLEM_INVALID', `These moves cannot be planned: \`${field}\` ${message}.`, {
      causes: [{ field, message }],
    })
  }
  if (hosts.length === 0) fail('hosts', 'must list the hosts that run the workloads')
  const names = new Set(hosts.map(({ name }) => name))
  const lost = workloads.findIndex(({ currentHost }) => currentHost !== undefined && !names.has(currentHost))
  if (lost >= 0) {
    const host = workloads[lost]?.currentHost ?? ''
    fail(`workloads[${lost}].currentHost`, `must be the name of one of \`hosts\`, but there is no '${host}'`)
  }
  if (workloads.every(({ currentHost }) => currentHost === undefined))
    fail('workloads', 'must say where they run: none has a `currentHost`, so there is nothing to move')
}

/** The problem with `names` in maintenance. @throws CLI_USAGE if there is no such host, or nothing to drain. */
function withMaintenance(problem: PlacementProblem, names: readonly string[]): PlacementProblem {
  const { hosts = [] } = problem
  const unknown = names.find((name) => !hosts.some((host) => host.name === name))
  if (unknown !== undefined) {
    const known = hosts.slice(0, 10).map(({ name }) => name)
    const more = hosts.length > known.length ? ', …' : ''
    throw new WeirError('CLI_USAGE', `there is no host '${unknown}' to drain; there are: ${known.join(', ')}${more}`)
  }
  const drained = hosts.map((host) => (names.includes(host.name) ? { ...host, state: 'Maintenance' as const } : host))
  if (!drained.some(({ state }) => state === 'Maintenance'))
    throw new WeirError('CLI_USAGE', 'name the hosts to drain: no host of the problem is in maintenance')
  return { ...problem, hosts: drained }
}

/** The plan with the cluster's own reasons why workloads stay. */
function explained(plan: MovePlan, staysBecause: ReadonlyMap<string, string>): MovePlan {
  const held = plan.held.map((each) => {
    const why = each.reason === 'Immovable' ? staysBecause.get(each.workload) : undefined
    return why === undefined ? each : { ...each, message: `${each.workload} cannot be moved: ${why}.` }
  })
  return { ...plan, held }
}

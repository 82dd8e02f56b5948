/**
 * Emptying hosts of a running fabric (five states made by a recipe from real shapes): hosts freed over what the room allows, moves
 * and gibibytes over the least that frees as many, the worse of the two over the least that both can have at once, and the schedule's
 * length over its bound with two moves out of and into a host, eight in the cluster and 10 Gb/s. Beside it the rules of the
 * descheduler, of Karpenter and of emptying the host with fewest machines, restated. Everything planned here is checked by the checker.
 * Usage: node bench/planner/consolidation.ts VMS_CSV [SEEDS, as 101,102]
 */
import { defaultMoveOptions, type MoveOptions, planMoves } from '@weir/planner'
import { checkMoves } from '@weir/planner/checker'
import { policies } from './consolidation-peers.ts'
import { createHighs } from './highs-cover.ts'
import { leastMoves } from './joint-bound.ts'
import { hostBound } from './real-machines.ts'
import { runningFabric, type State, states } from './running-fabric.ts'

const [csv, seedList = '101,102,103,104,105'] = process.argv.slice(2)
if (csv === undefined) throw new Error('give the path of vms.csv')

const options: Partial<MoveOptions> = {
  hysteresis: { emptyBelowPercent: 100, fillUpToPercent: 100 },
  benefit: { stableSeconds: 86_400, moveSecondCost: 1 },
}

const highs = await createHighs()

for (const state of states) for (const seed of seedList.split(',').map(Number)) run(csv, state, seed)

function run(csv: string, state: State, seed: number): void {
  const problem = runningFabric(csv, state, seed)
  const [type] = problem.hostTypes
  if (type === undefined) throw new Error('the state has no host type')
  const freeable = state.hostCount - hostBound(problem.workloads, type)
  const least = leastMoves(problem, type, freeable, highs)
  console.log(
    `${state.name}, seed ${seed}: ${problem.workloads.length} machines, ${freeable} hosts can be freed, both at once within ${least.joint.toFixed(4)} at best`,
  )
  for (const prefer of ['Mebibytes', 'Moves', 'Both'] as const) {
    const start = performance.now()
    const plan = planMoves(problem, 'Consolidate', { ...defaultMoveOptions, ...options, prefer })
    const seconds = (performance.now() - start) / 1000
    const mebibytes = plan.moves.reduce((sum, move) => sum + move.mebibytes, 0)
    const violations = checkMoves(problem, plan)
    const worse = Math.max(plan.moves.length / least.moves, mebibytes / least.mebibytes)
    console.log(
      `  least ${prefer.padEnd(9)} freed/freeable ${(plan.emptiedHosts.length / freeable).toFixed(3)}, moves/bound ${(plan.moves.length / least.moves).toFixed(3)}, ` +
        `GiB/bound ${(mebibytes / least.mebibytes).toFixed(3)}, worse/joint bound ${(worse / least.joint).toFixed(4)}, makespan/bound ${(plan.makespanSeconds / plan.bound.makespanSeconds).toFixed(3)} ` +
        `(${(plan.makespanSeconds / 60).toFixed(0)} min), ${violations.length} violations, ${seconds.toFixed(1)} s${violations[0] === undefined ? '' : ` ${violations[0].message}`}`,
    )
  }
  for (const { name, consolidate } of policies) {
    const result = consolidate(problem)
    console.log(
      `  ${name.padEnd(15)} freed/freeable ${(result.freed / freeable).toFixed(3)}, moves/bound ${(result.moves / least.moves).toFixed(3)}, ` +
        `GiB/bound ${(result.mebibytes / least.mebibytes).toFixed(3)}`,
    )
  }
}

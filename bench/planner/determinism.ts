/**
 * Hashes of plans over runs and threads, and cost over budgets: one hash for each problem, and costs that never rise. `--runs 5`,
 * `--workers 1,2,4`, `--iterations 60000`, `--seeds 101`. Ends with 1 if a plan differs, a cost rises, or a plan breaks a rule.
 */
import { checkPlan } from '@weir/planner/checker'
import { planOnThreads } from '@weir/planner/threads'
import { plan, type PlacementPlan, type PlacementProblem } from '@weir/planner'
import { estateProblem, layouts } from './estate.ts'
import { findData } from './find-data.ts'
import { listOption } from './measure.ts'
import { tianchiProblem } from './tianchi-problem.ts'
import { vectorProblem } from './vector-problem.ts'

const [runs = 5] = listOption('runs', [5])
const [iterations = 60_000] = listOption('iterations', [60_000])

function problemsOf(seed: number): readonly { readonly name: string; readonly problem: PlacementProblem }[] {
  const machines = findData('bitbrains/vms.csv')
  const containers = findData('tianchi')
  const [first] = layouts
  return [
    { name: 'vectors', problem: vectorProblem('uniform', 3, { count: 2000, seed }) },
    ...(machines === undefined || first === undefined
      ? []
      : [{ name: 'estate', problem: estateProblem(machines, first, { count: 10_000, seed }) }]),
    ...(containers === undefined ? [] : [{ name: 'tianchi', problem: tianchiProblem(containers) }]),
  ]
}

const withBudget = (problem: PlacementProblem, seed: number, budget: number): PlacementProblem => ({
  ...problem,
  policy: { ...problem.policy, seed, budget: { iterations: budget } },
})

let isGood = true
function expectTrue(condition: boolean, failure: string): void {
  if (condition) return
  isGood = false
  console.log(`  WRONG: ${failure}`)
}

/** A plan on no thread, and `runs` on each number of threads. */
async function plansOf(problem: PlacementProblem): Promise<readonly PlacementPlan[]> {
  const made: PlacementPlan[] = [plan(problem)]
  for (const workers of listOption('workers', [1, 2, 4])) {
    for (let run = 0; run < runs; run++) made.push(await planOnThreads(problem, { workers }))
  }
  return made
}

for (const seed of listOption('seeds', [101])) {
  for (const { name, problem } of problemsOf(seed)) {
    const made = await plansOf(withBudget(problem, seed, iterations))
    const hashes = new Set(made.map(({ run }) => run.hash))
    console.log(`${name} seed ${seed}: ${made.length} plans, ${hashes.size} hash(es), ${[...hashes][0]?.slice(0, 16)}`)
    expectTrue(hashes.size === 1, 'the same problem, seed and iterations gave different plans')
    const costs: number[] = []
    for (const share of [16, 8, 4, 2, 1]) {
      const asked = withBudget(problem, seed, Math.floor(iterations / share))
      const shorter = await planOnThreads(asked, { workers: 2 })
      expectTrue(checkPlan(asked, shorter).length === 0, 'the checker found violations')
      costs.push(shorter.score.hostCount)
    }
    console.log(`  hosts for 1/16, 1/8, 1/4, 1/2 and all of ${iterations} iterations: ${costs.join(', ')}`)
    expectTrue(
      costs.every((cost, index) => index === 0 || cost <= (costs[index - 1] ?? Infinity)),
      'more iterations made a worse plan',
    )
  }
}
if (!isGood) process.exitCode = 1

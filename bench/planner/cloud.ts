/**
 * Cost against the best published one on cloud balancing files. `--seconds 60`, `--seeds 101`. What a plan costs is summed here anew, from
 * who is on which computer.
 */
import type { PlacementPlan, PlacementProblem } from '@weir/planner'
import { cloudProblem, readCloud } from './cloud-problem.ts'
import { findData } from './find-data.ts'
import { createHighsCover } from './highs-cover.ts'
import { listOption, measurePlan } from './measure.ts'

/** The least cost in the OptaPlanner project's published benchmark of 2013. */
const published: Readonly<Record<string, number>> = {
  '100computers-300processes': 112_400,
  '200computers-600processes': 196_350,
  '400computers-1200processes': 441_870,
  '800computers-2400processes': 915_260,
}

/** The cost of the computers that `plan` uses; throws if one of them holds more than it can, or a process is nowhere. */
function costAnew(problem: PlacementProblem, plan: PlacementPlan): number {
  const types = new Map(problem.hostTypes.map((type) => [type.name, type]))
  const left = new Map(plan.hosts.map((host) => [host.name, { ...types.get(host.type)?.capacity }]))
  for (const { name, requests } of problem.workloads) {
    const free = left.get(plan.assignments[name] ?? '')
    for (const [resource, amount] of Object.entries(requests)) {
      if (free === undefined || (free[resource] ?? 0) < amount)
        throw new Error(`${name} does not fit '${plan.assignments[name]}'`)
      free[resource] = (free[resource] ?? 0) - amount
    }
  }
  for (const { name, count = 0 } of problem.hostTypes) {
    if (plan.hosts.filter((host) => host.type === name).length > count) throw new Error(`more than ${count} computers of ${name}`)
  }
  return plan.hosts.reduce((sum, host) => sum + (types.get(host.type)?.price ?? 0), 0)
}

const [seconds = 60] = listOption('seconds', [60])
const solveCover = await createHighsCover()
for (const [name, best] of Object.entries(published)) {
  const path = findData(`cloudbalancing/${name}.json`)
  if (path === undefined) continue
  const problem = cloudProblem(readCloud(path))
  for (const seed of listOption('seeds', [101])) {
    const { plan } = await measurePlan(name, problem, { seconds, seed, solveCover })
    console.log(`  cost ${costAnew(problem, plan)} / published ${best} = ${(costAnew(problem, plan) / best).toFixed(4)}`)
  }
}

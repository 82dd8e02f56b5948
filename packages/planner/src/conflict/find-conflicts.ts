import type { Conflict, Infeasibility } from '../plan.ts'
import type { PlacementProblem } from '../problem.ts'
import { describeCore } from './describe-core.ts'
import { createNeighbours, findCore, type Neighbours, partOf } from './grow.ts'
import { type Core, minimise } from './minimise.ts'
import { compileConflicts } from './model.ts'
import { indexesOf } from './part.ts'
import { refute } from './refute.ts'
import { createScene } from './scene.ts'
import { Steps } from './steps.ts'

/** Conflicts that are named, and workloads that are asked about. */
const mostConflicts = 10
const mostSeeds = 30
/** Steps in all, and around one workload: a second or two, and a part of one. */
const mostSteps = 400_000
const stepsPerSeed = 100_000

/**
 * Why `unplaced` workloads (by index) found no host: sets of constraints that no plan keeps, or that none was found in the steps that
 * there are. Deterministic.
 */
export function findConflicts(problem: PlacementProblem, unplaced: readonly number[]): Infeasibility {
  const model = compileConflicts(problem)
  const neighbours = createNeighbours(model, unplaced)
  const steps = new Steps(mostSteps)
  const cores = [...coresAround(neighbours, unplaced, steps)]
  if (cores.length === 0) {
    const part = refute(createScene(model, partOf(model, problem.workloads.keys())))
    if (part !== undefined) cores.push(minimise(model, part, steps))
  }
  const conflicts: readonly Conflict[] = cores.map((core) => describeCore(model, core))
  return { status: conflicts.length > 0 ? 'Proven' : 'NotProven', conflicts, stepCount: steps.taken() }
}

/** Cores around the unplaced workloads, those that are in a core already left out. */
function* coresAround(neighbours: Neighbours, unplaced: readonly number[], steps: Steps): Generator<Core> {
  const explained = new Set<number>()
  const known = new Set<string>()
  let seeds = 0
  for (const seed of unplaced) {
    if (explained.has(seed)) continue
    if (++seeds > mostSeeds || known.size >= mostConflicts) return
    const own = steps.share(stepsPerSeed)
    const core = findCore(neighbours, seed, own)
    steps.take(own.taken())
    if (core === undefined) continue
    for (const workload of indexesOf(core.part, 'Workload')) explained.add(workload)
    const key = JSON.stringify(core.part)
    if (!known.has(key)) yield core
    known.add(key)
  }
}

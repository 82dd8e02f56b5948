import type { Instance } from '../compile/instance.ts'
import { type Fits, createFits } from './fits.ts'
import { createImprover } from './improve.ts'
import { createRandom } from './random.ts'
import { load, type PackedHosts, unload } from './state.ts'

/** Work for one logical worker in one epoch: plain data, so that any thread can do it. */
export interface EpochTask {
  readonly seed: number
  readonly worker: number
  readonly epoch: number
  /** Iterations that were run before, which set the temperature, and to run now. */
  readonly iteration: number
  readonly iterations: number
  readonly hosts: PackedHosts
  /** How many more hosts of each class it may use; absent if the task is the whole problem. */
  readonly spares?: Float64Array
}

/** The best that came of a task. */
export interface EpochResult {
  readonly hosts: PackedHosts
  /** Iterations run; fewer than asked if it was stopped. */
  readonly iterations: number
}

/** Iterations between two questions whether to stop. */
const chunk = 128

/**
 * Runs `task` on `instance`: the same task gives the same result on any thread. `isOver` is asked now and then, and ends it early.
 */
export function runEpoch(instance: Instance, task: EpochTask, isOver: () => boolean = () => false): EpochResult {
  const packing = load(instance, task.hosts, task.spares === undefined ? undefined : { spares: task.spares })
  const fits: Fits = createFits(instance)
  const improver = createImprover(packing, fits, {
    random: createRandom(task.seed, task.worker, task.epoch),
    iteration: task.iteration,
  })
  let done = 0
  while (done < task.iterations && !isOver()) {
    const count = Math.min(chunk, task.iterations - done)
    improver.run(count)
    done += count
  }
  improver.restoreBest()
  return { hosts: unload(packing), iterations: done }
}

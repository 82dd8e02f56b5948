/** One lane of a search, in a thread of its own: the same problem under its own seed. */
import { parentPort, workerData } from 'node:worker_threads'
import { planReassignment, type Reassignment } from '@weir/planner'
import { readProblem } from './official-format.ts'

/** What a lane is told. */
export interface LaneTask {
  readonly modelFile: string
  readonly assignmentFile: string
  readonly seed: number
  readonly iterations: number
  /** CPU seconds of the lane; the search hurries when they run out before the iterations do. */
  readonly seconds: number
}

/** What a lane found. */
export interface LaneResult extends Reassignment {
  readonly cpuSeconds: number
}

function search({ modelFile, assignmentFile, seed, iterations, seconds }: LaneTask): LaneResult {
  const cpuSeconds = (): number => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1e6
  }
  const problem = readProblem(modelFile, assignmentFile)
  const found = planReassignment(problem, { seed, iterations, elapsedShare: () => cpuSeconds() / seconds })
  return { ...found, cpuSeconds: cpuSeconds() }
}

parentPort?.postMessage(search(workerData as LaneTask))

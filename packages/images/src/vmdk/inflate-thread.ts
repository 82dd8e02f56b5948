/** A thread of a `WorkerPool` that inflates batches. */
import { parentPort, workerData } from 'node:worker_threads'
import type { BatchLayout } from './grain-batch.ts'
import { type InflateAnswer, inflateBatch, type InflateJob } from './inflate-batch.ts'

const layout = workerData as BatchLayout

parentPort?.on('message', (job: InflateJob) => {
  const answer: InflateAnswer = { memory: job.memory, outcome: inflateBatch(job, layout) }
  parentPort?.postMessage(answer, [answer.memory])
})

import { parentPort, workerData } from 'node:worker_threads'
import { runEpoch } from '../search/epoch.ts'
import { parseLaneJob, parseLaneSetting } from './lane-messages.ts'

const { instance, stop } = parseLaneSetting(workerData)
const isOver = () => Atomics.load(stop, 0) !== 0

parentPort?.on('message', (message: unknown) => {
  parentPort?.postMessage(runEpoch(instance, parseLaneJob(message), isOver))
})

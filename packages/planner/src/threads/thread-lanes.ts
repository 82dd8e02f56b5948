import { getCompileCacheDir } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { Instance } from '../compile/instance.ts'
import type { EpochResult, EpochTask } from '../search/epoch.ts'
import type { Lanes } from '../search/lanes.ts'
import { type LaneSetting, parseLaneResult } from './lane-messages.ts'

/** How often the calling thread asks whether to stop while others compute. */
const askMilliseconds = 10

/** Lanes on at most `workers` threads, which are started when there are tasks for them and live until `close`. */
export function createThreadLanes(instance: Instance, workers: number): Lanes {
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const setting: LaneSetting = { instance: withoutWorkloads(instance), stop }
  const threads: Thread[] = []
  return {
    run: async (tasks, isOver) => {
      while (threads.length < Math.min(workers, tasks.length)) threads.push(startThread(setting))
      const timer = setInterval(() => {
        if (isOver()) Atomics.store(stop, 0, 1)
      }, askMilliseconds)
      try {
        return await shareAmong(threads, tasks)
      } finally {
        clearInterval(timer)
      }
    },
    close: async () => {
      await Promise.all(threads.map((thread) => thread.end()))
    },
  }
}

const withoutWorkloads = (instance: Instance): Instance => ({
  ...instance,
  problem: { ...instance.problem, workloads: [], hosts: [] },
})

/** Each thread takes the next task as soon as it has done one; results are in the order of tasks, whoever computed them. */
async function shareAmong(threads: readonly Thread[], tasks: readonly EpochTask[]): Promise<readonly EpochResult[]> {
  const open = tasks.entries()
  const results: EpochResult[] = []
  await Promise.all(
    threads.map(async (thread) => {
      for (const [index, task] of open) results[index] = await thread.run(task)
    }),
  )
  return results
}

interface Thread {
  /** One task at a time. Rejects if the thread dies. */
  readonly run: (task: EpochTask) => Promise<EpochResult>
  readonly end: () => Promise<unknown>
}

function startThread(setting: LaneSetting): Thread {
  // A thread that finds its script compiled starts faster; it does not take the cache over by itself.
  const cache = getCompileCacheDir()
  const worker = new Worker(new URL('lane-thread.ts', import.meta.url), {
    workerData: setting,
    env: cache === undefined ? {} : { NODE_COMPILE_CACHE: cache },
  })
  let failure: unknown
  let settle: { readonly resolve: (result: EpochResult) => void; readonly reject: (error: unknown) => void } | undefined
  const fail = (error: unknown): void => {
    failure ??= error
    settle?.reject(failure)
  }
  worker.on('message', (message: unknown) => settle?.resolve(parseLaneResult(message)))
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('the thread has ended')))
  return {
    run: (task) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject }
        if (failure === undefined) worker.postMessage(task)
        else reject(failure)
      }),
    end: () => worker.terminate(),
  }
}

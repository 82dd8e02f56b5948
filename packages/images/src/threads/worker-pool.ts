import { getCompileCacheDir } from 'node:module'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

/** Threads of one pool at most. Two keep up with the network or the disk, which are then the slower side. */
const threadsMax = 2

/** Threads make little that is new: what they work on is handed to them. */
const resourceLimits = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 }

/** What is sent to a thread or back: its memory changes hands without a copy, and the sender's is empty from then on. */
export interface OwnedMemory {
  readonly memory: ArrayBuffer
}

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

interface Thread<Answer> {
  readonly worker: Worker
  /** Jobs given and not yet answered, in their order. */
  readonly waiting: Waiting<Answer>[]
}

/**
 * Worker threads that run one script, which answers each message with one message. They are started as work comes, two at most; each
 * answers its jobs in the order in which it got them. Whoever makes a pool closes it: until then its threads keep the process alive.
 */
export class WorkerPool<Job extends OwnedMemory, Answer extends OwnedMemory> {
  /** The most threads there will be. */
  readonly size = Math.min(threadsMax, availableParallelism())
  readonly #script: URL
  readonly #setting: unknown
  readonly #threads = new Set<Thread<Answer>>()

  /** `setting` is cloned to each thread once. */
  constructor(script: URL, setting: unknown) {
    this.#script = script
    this.#setting = setting
  }

  /** The answer of the least busy thread to `job`. Rejects if the thread fails; another takes its place. */
  run(job: Job): Promise<Answer> {
    const { worker, waiting } = this.#freeThread()
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject })
      worker.postMessage(job, [job.memory])
    })
  }

  /** Ends the threads, whatever they do; jobs under way are rejected. */
  async close(): Promise<void> {
    await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()))
  }

  #freeThread(): Thread<Answer> {
    const [first] = [...this.#threads].toSorted((a, b) => a.waiting.length - b.waiting.length)
    if (first !== undefined && (first.waiting.length === 0 || this.#threads.size === this.size)) return first
    const thread = this.#start()
    this.#threads.add(thread)
    return thread
  }

  #start(): Thread<Answer> {
    // A thread that finds its script compiled starts twice as fast, in half the memory; it does not take the cache over by itself.
    const cache = getCompileCacheDir()
    const env = cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }
    const worker = new Worker(this.#script, { workerData: this.#setting, env, resourceLimits })
    const thread: Thread<Answer> = { worker, waiting: [] }
    const fail = (error: unknown): void => {
      this.#threads.delete(thread) // A job given to it would never be answered.
      for (const { reject } of thread.waiting.splice(0)) reject(error)
    }
    worker.on('message', (answer: Answer) => thread.waiting.shift()?.resolve(answer))
    worker.on('error', fail)
    worker.on('exit', () => fail(new Error('the thread has ended')))
    return thread
  }
}

import { afterEach, expect, it } from 'vitest'
import { type OwnedMemory, WorkerPool } from './worker-pool.ts'

interface Numbered extends OwnedMemory {
  readonly number: number
}

const scriptOf = (body: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`import { parentPort, workerData } from 'node:worker_threads'\nparentPort.on('message', (job) => { ${body} })`)}`,
  )
const job = (number: number): Numbered => ({ number, memory: new ArrayBuffer(8) })

let pool: WorkerPool<Numbered, Numbered>
afterEach(() => pool.close())

it('answers every job with the setting and the memory of the job, over few threads', async () => {
  pool = new WorkerPool(
    scriptOf('parentPort.postMessage({ number: job.number * workerData.factor, memory: job.memory }, [job.memory])'),
    { factor: 3 },
  )
  const jobs = Array.from({ length: 50 }, (_, index) => job(index))
  const answers = await Promise.all(jobs.map((each) => pool.run(each)))
  expect(answers.map(({ number }) => number)).toEqual(jobs.map(({ number }) => number * 3))
  expect(answers.every(({ memory }) => memory.byteLength === 8)).toBe(true)
  expect(jobs.every(({ memory }) => memory.detached)).toBe(true)
  expect(process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length).toBeLessThanOrEqual(pool.size + 1)
})

it('rejects what a thread had when it failed, or when the pool was closed', async () => {
  const moody = 'if (job.number === 1) throw new Error("broken"); parentPort.postMessage(job, [job.memory])'
  pool = new WorkerPool(scriptOf(moody), {})
  await expect(pool.run(job(1))).rejects.toThrow('broken')
  expect((await pool.run(job(2))).number).toBe(2)
  await pool.close()
  pool = new WorkerPool(scriptOf(''), {})
  const waiting = expect(pool.run(job(1))).rejects.toThrow('the thread has ended')
  await pool.close()
  await waiting
})

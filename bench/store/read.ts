/**
 * Reads of the revision log over the memory driver: lists of 10,000 entries of 1 KB, and 1,000 watchers that each get 1,000
 * events, checked to be all of them in order. Prints medians. Usage: node bench/store/read.ts [ROUNDS]
 */
import { createMemoryDriver, openRevisionLog } from '@weir/store'
import { median } from './measure.ts'

const rounds = Number(process.argv[2] ?? 11)
const value = 'v'.repeat(1024)

/** Median milliseconds of `work`. */
function time(work: () => void): number {
  return median(
    Array.from({ length: rounds }, () => {
      const start = performance.now()
      work()
      return performance.now() - start
    }),
  )
}

async function lists(): Promise<void> {
  const log = await openRevisionLog(createMemoryDriver())
  const put = (prefix: string, count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => log.commit({ key: `${prefix}${String(i).padStart(6, '0')}`, value })))
  await put('/other/', 90_000)
  await put('/list/', 10_000)
  const then = log.head()
  await put('/list/', 1000)
  const check = (count: number, found: number): void => {
    if (count !== found) throw new Error(`${found} entries instead of ${count}`)
  }
  const show = (what: string, work: () => void): void => console.log(`${what.padEnd(58)} ${time(work).toFixed(3).padStart(8)} ms`)
  show('list 10,000 of 100,000, newest', () => check(10_000, log.list({ prefix: '/list/' }).entries.length))
  show('list 10,000 of 100,000, 1,000 changes ago', () =>
    check(10_000, log.list({ prefix: '/list/', revision: then }).entries.length),
  )
  show('page of 500 with the count of the rest, newest', () => check(9500, log.list({ prefix: '/list/', limit: 500 }).remaining))
  show('page of 500 with the count of the rest, 1,000 changes ago', () =>
    check(9500, log.list({ prefix: '/list/', limit: 500, revision: then }).remaining),
  )
  await log.close()
}

async function fanOut(): Promise<void> {
  const watcherCount = 1000
  const eventCount = 1000
  const millis: number[] = []
  for (let round = 0; round < rounds; round++) {
    const log = await openRevisionLog(createMemoryDriver())
    const next = Array.from({ length: watcherCount }, () => 1)
    for (let watcher = 0; watcher < watcherCount; watcher++) {
      log.watch('/w/', 0, (events) => {
        for (const { revision } of events) {
          if (revision !== next[watcher]) throw new Error(`watcher ${watcher}: revision ${revision} instead of ${next[watcher]}`)
          next[watcher] = revision + 1
        }
      })
    }
    const start = performance.now()
    for (let i = 0; i < eventCount; i++) await log.commit({ key: `/w/${i % 100}`, value })
    millis.push(performance.now() - start)
    if (next.some((revision) => revision !== eventCount + 1)) throw new Error('a watcher missed events')
    await log.close()
  }
  const middle = median(millis)
  const rate = ((watcherCount * eventCount) / middle) * 1000
  console.log(
    `1,000 watchers x 1,000 events, one delivery each, in order ${middle.toFixed(1).padStart(8)} ms (${rate.toFixed(0)} events/s)`,
  )
}

await lists()
await fanOut()

/**
 * Writes without end to the log in the file given, 8 writers at once, while old revisions are forgotten, and prints
 * `key revision` for each acknowledged write, `-revision` for a deletion. Each writer goes round ten keys and deletes each
 * third time.
 */
import { writeSync } from 'node:fs'
import { createSqliteDriver, openRevisionLog } from '../../packages/store/src/index.ts'

const log = await openRevisionLog(createSqliteDriver(process.argv[2] ?? ''))
const writers = Array.from({ length: 8 }, async (_, writer) => {
  for (let i = 0; ; i++) {
    const key = `/${writer}/${i % 10}`
    const isDeletion = Math.floor(i / 10) % 3 === 2
    const expected = log.get(key)?.modRevision ?? 0
    const revision = await log.commit({ key, expected, ...(isDeletion ? {} : { value: (at) => `${key} ${at};`.repeat(20) }) })
    writeSync(1, `${key} ${isDeletion ? '-' : ''}${revision}\n`)
    if (writer === 0 && i % 20 === 19) await log.compact(log.head() - 40)
  }
})
await Promise.all(writers)

/** Writes without end to the log in the file given, 8 writers at once, and prints `key revision` for each acknowledged write. */
import { writeSync } from 'node:fs'
import { createSqliteDriver, openRevisionLog } from '../../packages/store/src/index.ts'

const log = await openRevisionLog(createSqliteDriver(process.argv[2] ?? ''))
const start = log.head()
await Promise.all(
  Array.from({ length: 8 }, async (_, writer) => {
    for (let i = 0; ; i++) {
      const key = `/${start}/${writer}/${i}`
      const revision = await log.commit({ key, value: key.repeat(20), expected: 0 })
      writeSync(1, `${key} ${revision}\n`)
    }
  }),
)

import type { Change, Driver } from './driver.ts'

/** A driver that keeps nothing beyond the process: for tests. `changes` may be shared to stand for a restart. */
export const createMemoryDriver = (changes: Change[] = []): Driver => ({
  load: () => Promise.resolve([...changes]),
  append: (batch) => {
    changes.push(...batch)
    return Promise.resolve()
  },
  close: () => Promise.resolve(),
})

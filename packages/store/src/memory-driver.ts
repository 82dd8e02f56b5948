import type { Change, Driver } from './driver.ts'

/** What a memory driver keeps; share it between two drivers to stand for a restart. */
export interface Memory {
  changes: readonly Change[]
  compacted: number
}

/** A driver that keeps nothing beyond the process: for tests. */
export const createMemoryDriver = (memory: Memory = { changes: [], compacted: 0 }): Driver => {
  const added: Change[] = [...memory.changes]
  memory.changes = added
  return {
    load: () => Promise.resolve({ changes: [...added], compacted: memory.compacted }),
    append: (batch) => {
      added.push(...batch)
      return Promise.resolve()
    },
    forget: (revisions, compacted) => {
      const gone = new Set(revisions)
      const kept = added.filter(({ revision }) => !gone.has(revision))
      added.splice(0, added.length, ...kept)
      memory.compacted = compacted
      return Promise.resolve()
    },
    close: () => Promise.resolve(),
  }
}

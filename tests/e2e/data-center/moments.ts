import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { WeirHome } from './weir-home.ts'

/** The moment at which to kill. A change is a file of the state directory that comes or goes, or a transaction of the database. */
export type Moment =
  | { readonly kind: 'AfterChanges'; readonly count: number }
  | { readonly kind: 'AfterMillis'; readonly millis: number }
  | SeenMoment

/** When this is seen in the paths below the state directory; web servers then hold back the second half of their answers. */
export interface SeenMoment {
  readonly kind: 'Seen'
  readonly when: string
  readonly isSeen: (files: readonly string[]) => boolean
}

/** The moment as the end of a sentence. */
export function nameOf(moment: Moment): string {
  switch (moment.kind) {
    case 'AfterChanges':
      return `after ${moment.count} changes`
    case 'AfterMillis':
      return `after ${moment.millis.toFixed(1)} ms`
    case 'Seen':
      return `when ${moment.when}`
  }
}

/**
 * Looks at the state directory until the moment has come, then kills the data center. `act` begins after the first look.
 * False if `isOver` came first: the moment does not exist.
 */
export async function killAt(
  weir: WeirHome,
  moment: Moment,
  { act, isOver }: { readonly act: () => void; readonly isOver: () => boolean },
): Promise<boolean> {
  const begun = performance.now()
  let before = lookAt(weir.home)
  let changes = 0
  const hasCome = ({ files }: Look): boolean => {
    switch (moment.kind) {
      case 'AfterChanges':
        return changes >= moment.count
      case 'AfterMillis':
        return performance.now() - begun >= moment.millis
      case 'Seen':
        return moment.isSeen(files)
    }
  }
  act()
  for (;;) {
    // The look and the kill are one turn: nothing else of this process may come in between.
    const now = lookAt(weir.home)
    if (now.text !== before.text) changes++
    before = now
    if (hasCome(now)) {
      await weir.kill()
      return true
    }
    if (isOver()) return false
    await new Promise(setImmediate)
  }
}

interface Look {
  readonly files: readonly string[]
  readonly text: string
}

function lookAt(home: string): Look {
  const files = filesIn(home).filter((file) => !file.startsWith('tmp/'))
  return {
    files,
    text: `${files.join()} ${sizeOf(join(home, 'data', 'fabric.db-wal'))} ${sizeOf(join(home, 'run', 'weir.pid'))}`,
  }
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
  } catch {
    // A folder that goes while it is read: what is there is seen at the next look.
    return []
  }
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

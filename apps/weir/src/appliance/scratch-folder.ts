import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startTicksOf } from '../daemon/process-record.ts'

const namePattern = /^scratch-(\d+)-(\d+)-/u

/** Gives `use` a folder in `directory` that goes when it is done. Those that killed processes have left go first. */
export async function inScratchFolder<T>(directory: string, use: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(directory, { recursive: true })
  for (const name of await readdir(directory)) {
    const [, pid, startTicks] = namePattern.exec(name) ?? []
    if (pid !== undefined && startTicksOf(Number(pid)) !== Number(startTicks)) await remove(join(directory, name))
  }
  const folder = await mkdtemp(join(directory, `scratch-${process.pid}-${startTicksOf(process.pid) ?? 0}-`))
  try {
    return await use(folder)
  } finally {
    await remove(folder)
  }
}

const remove = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })

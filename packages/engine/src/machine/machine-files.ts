import { open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { WeirError } from '@weir/base'

import type { MachineSpec } from './machine.ts'
import { parseProcessRecord, type ProcessRecord } from './process-record.ts'

/** How a machine ended; kept on disk until `remove`. */
export interface MachineExit {
  readonly reason: 'GuestShutdown' | 'Stopped' | 'Killed' | 'Crashed'
  readonly message: string
}

/** What we asked a machine to do last, so that its end can be explained also by a later run of ours. */
export type Intent = 'powerDown' | 'kill'

/** Files of one machine. `home` is ours alone; `run` belongs to the machine's process and is never trusted. */
export interface MachinePaths {
  readonly home: string
  readonly run: string
  readonly spec: string
  readonly process: string
  readonly intent: string
  readonly exit: string
  readonly log: string
}

const idPattern = /^[a-z0-9][a-z0-9-]{0,62}$/u

/** The paths of machine `id`. @throws MACHINE_SPEC if `id` is no safe file name (a uid is one). */
export function machinePaths(directory: string, id: string): MachinePaths {
  if (!idPattern.test(id)) throw new WeirError('MACHINE_SPEC', `'${id}' is no machine id: use lower-case letters, digits and '-'`)
  const home = join(directory, id)
  const inside = (name: string): string => join(home, name)
  return {
    home,
    run: inside('run'),
    spec: inside('spec.json'),
    process: inside('process'),
    intent: inside('intent'),
    exit: inside('exit.json'),
    log: inside('qemu.log'),
  }
}

/** Ids of all machines that have a directory, in order. */
export async function loadMachineIds(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  return entries.flatMap((entry) => (entry.isDirectory() && idPattern.test(entry.name) ? [entry.name] : [])).toSorted()
}

/** Replaces a file as a whole: a reader, or a crash, sees the old text or the new one. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

/** The text of a file, or undefined if there is none. */
async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** What is written of a machine; parts are missing if a run of ours ended before it wrote them. */
export interface SavedMachine {
  readonly spec?: MachineSpec
  readonly process?: ProcessRecord
  readonly intent?: Intent
  readonly exit?: MachineExit
}

/** Reads back what an earlier run wrote; a damaged file counts as missing. */
export async function loadMachine(paths: MachinePaths): Promise<SavedMachine> {
  const spec = parseJson(await readOptional(paths.spec)) as MachineSpec | undefined
  const exit = parseJson(await readOptional(paths.exit)) as MachineExit | undefined
  const process = parseProcessRecord((await readOptional(paths.process)) ?? '')
  const intent = await readOptional(paths.intent)
  return {
    ...(spec === undefined ? {} : { spec }),
    ...(process === undefined ? {} : { process }),
    ...(intent === 'powerDown' || intent === 'kill' ? { intent } : {}),
    ...(exit === undefined ? {} : { exit }),
  }
}

/** These files are written by ourselves alone, whole, in a directory that nobody else may write. */
function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Deletes everything of a machine but its disks. The home goes last, so that a crash in between leaves it to be found. */
export async function removeMachineFiles(paths: MachinePaths): Promise<void> {
  await rm(paths.run, { recursive: true, force: true })
  await rm(paths.home, { recursive: true, force: true })
}

/** The last lines that QEMU wrote, without its time stamps, at most 1000 characters; empty if none. */
export async function lastWords(paths: MachinePaths): Promise<string> {
  const text = await readTail(paths.log, 4096)
  const lines = text.split('\n').map((line) => line.replace(/^\S+Z (?:qemu-system-x86_64: )?/u, '').trim())
  return lines
    .filter((line) => line !== '')
    .slice(-6)
    .join('; ')
    .slice(-1000)
}

async function readTail(path: string, bytes: number): Promise<string> {
  try {
    const file = await open(path)
    try {
      const { size } = await file.stat()
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, Math.max(0, size - bytes))
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch {
    return ''
  }
}

import { readFileSync } from 'node:fs'

import type { Clock } from '@weir/base'

/** A process that cannot be mistaken for a later one of the same number: start time in clock ticks since the boot named. */
export interface ProcessRecord {
  readonly pid: number
  readonly startTicks: string
  readonly bootId: string
}

/** Reads what `recordScript` wrote; undefined if it is not complete (the writer died in the middle). */
export function parseProcessRecord(text: string): ProcessRecord | undefined {
  const [stat, bootId, end] = text.split('\n')
  const parsed = stat === undefined ? undefined : parseStat(stat)
  if (parsed === undefined || bootId === undefined || bootId.length !== 36 || end === undefined) return undefined
  return { pid: parsed.pid, startTicks: parsed.startTicks, bootId }
}

/** POSIX sh that writes the record of its own process to descriptor 3 and closes it; an `exec` after it keeps the record true. */
export const recordScript =
  'IFS= read -r stat </proc/self/stat; read -r boot </proc/sys/kernel/random/boot_id; printf "%s\\n%s\\n" "$stat" "$boot" >&3; exec 3>&-'

/** True while the very process of the record runs; a zombie does not. */
export function isProcessAlive(record: ProcessRecord): boolean {
  if (readText('/proc/sys/kernel/random/boot_id')?.trim() !== record.bootId) return false
  const found = parseStat(readText(`/proc/${record.pid}/stat`) ?? '')
  return found !== undefined && found.startTicks === record.startTicks && found.state !== 'Z' && found.state !== 'X'
}

/** Sends `signal` if the process of the record still runs; never to a later process of the same number. */
export function signalProcess(record: ProcessRecord, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (!isProcessAlive(record)) return
  try {
    process.kill(record.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Resolves to true when the process is gone, to false after `millis`. */
export async function waitUntilGone(record: ProcessRecord, millis: number, clock: Clock): Promise<boolean> {
  const end = clock.now() + millis
  for (let pause = 1; isProcessAlive(record); pause = Math.min(pause * 2, 50)) {
    if (clock.now() >= end) return false
    await clock.sleep(pause)
  }
  return true
}

/** When the process started, RFC 3339, from the boot time and its ticks (100 a second on every Linux architecture of QEMU's). */
export function startTime(record: ProcessRecord): string {
  const boot = /^btime (\d+)$/mu.exec(readText('/proc/stat') ?? '')?.[1] ?? '0'
  return new Date((Number(boot) + Number(record.startTicks) / 100) * 1000).toISOString()
}

/** proc(5): the command name in parentheses may hold spaces and parentheses itself; fields count from the last one. */
function parseStat(text: string): { readonly pid: number; readonly state: string; readonly startTicks: string } | undefined {
  const rest = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const pid = Number.parseInt(text, 10)
  const [state, startTicks] = [rest[0], rest[19]]
  return Number.isInteger(pid) && state !== undefined && startTicks !== undefined ? { pid, state, startTicks } : undefined
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { pause } from '../cli/pause.ts'

/** Where a data center is in its life. */
export type DataCenterState = 'starting' | 'running' | 'stopping'

/**
 * A process named so that another one with a recycled number is never taken for it: pid and start time in clock ticks since
 * the boot of that id.
 */
export interface ProcessRecord {
  readonly pid: number
  readonly startTicks: number
  readonly bootId: string
  readonly state: DataCenterState
}

/** The start time of process `pid` in clock ticks since boot (proc(5), field 22 of stat); undefined if there is none or it is a zombie. */
export function startTicksOf(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /su, '')
      .split(' ')
    return fields[0] === 'Z' ? undefined : Number(fields[19])
  } catch {
    return undefined
  }
}

/** Another one after each start of the machine. */
export const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

const isRunning = (record: ProcessRecord): boolean => {
  const ticks = Number.isInteger(record.pid) && record.pid > 0 ? startTicksOf(record.pid) : undefined
  return ticks !== undefined && ticks === record.startTicks && record.bootId === bootId()
}

/** Records this process and its `state` in `file`, in one step. */
export function recordThisProcess(file: string, state: DataCenterState): void {
  const record: ProcessRecord = { pid: process.pid, startTicks: startTicksOf(process.pid) ?? 0, bootId: bootId(), state }
  writeFileSync(`${file}.new`, JSON.stringify(record), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** What is recorded, whether the process runs or not. */
function readRecord(file: string): ProcessRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord | null
    return record ?? undefined
  } catch {
    return undefined
  }
}

/** The recorded process if it still runs. */
export function recordedProcess(file: string): ProcessRecord | undefined {
  const record = readRecord(file)
  return record !== undefined && isRunning(record) ? record : undefined
}

/** True if the recorded process ended without taking its record away: it was killed. */
export const wasKilled = (file: string): boolean => readRecord(file) !== undefined && recordedProcess(file) === undefined

/** Removes the record if it is this process's own. */
export function forgetThisProcess(file: string): void {
  if (recordedProcess(file)?.pid === process.pid) rmSync(file, { force: true })
}

/** Sends `signal`; false if the process is gone. */
export function signalProcess(record: ProcessRecord, signal: NodeJS.Signals): boolean {
  if (!isRunning(record)) return false
  try {
    return process.kill(record.pid, signal)
  } catch {
    return false
  }
}

/** True if the process ended within `millis`. */
export async function waitForEnd(record: ProcessRecord, millis: number): Promise<boolean> {
  const deadline = performance.now() + millis
  while (isRunning(record)) {
    if (performance.now() > deadline) return false
    await pause(25)
  }
  return true
}

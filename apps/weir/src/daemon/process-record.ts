import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** A process named so that another one with a recycled number is never taken for it: pid and start time in clock ticks. */
export interface ProcessRecord {
  readonly pid: number
  readonly startTicks: number
}

/** The start time of process `pid` in clock ticks since boot (proc(5), field 22 of stat); undefined if there is none or it is a zombie. */
function startTicksOf(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /su, '')
      .split(' ')
    return fields[0] === 'Z' ? undefined : Number(fields[19])
  } catch {
    return undefined
  }
}

const isRunning = ({ pid, startTicks }: ProcessRecord): boolean => {
  const ticks = Number.isInteger(pid) && pid > 0 ? startTicksOf(pid) : undefined
  return ticks !== undefined && ticks === startTicks
}

/** Records this process in `file`, in one step. */
export function recordThisProcess(file: string): void {
  const record: ProcessRecord = { pid: process.pid, startTicks: startTicksOf(process.pid) ?? 0 }
  writeFileSync(`${file}.new`, JSON.stringify(record), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** The recorded process if it still runs. */
export function recordedProcess(file: string): ProcessRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord
    return isRunning(record) ? record : undefined
  } catch {
    return undefined
  }
}

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
    await new Promise((resolve) => {
      setTimeout(resolve, 25)
    })
  }
  return true
}

import { readlinkSync } from 'node:fs'
import { bootId, startTicksOf } from '../../daemon/process-record.ts'

/** Names the running import so that others can tell when it last said that it goes on, and, on its machine, whether it still runs. */
export interface ImportMark {
  /** RFC 3339. */
  readonly time: string
  readonly pid: number
  readonly startTicks: number
  /** Where `pid` counts: a PID namespace of a boot of a machine. */
  readonly pidSpace: string
}

/** The mark of this process at `now`, in milliseconds since 1970. */
export const markOf = (now: number): ImportMark => ({
  time: new Date(now).toISOString(),
  pid: process.pid,
  startTicks: startTicksOf(process.pid) ?? 0,
  pidSpace: pidSpace(),
})

const pidSpace = (): string => `${bootId()}/${readlinkSync('/proc/self/ns/pid').replaceAll(/\D/gu, '')}`

/** A mark as the value of an annotation. */
export const formatMark = ({ time, pid, startTicks, pidSpace }: ImportMark): string =>
  `${time} by process ${pid} since ${startTicks} in ${pidSpace}`

/** Reads what `formatMark` wrote; undefined if it is anything else. */
export function parseMark(text: string): ImportMark | undefined {
  const [, time, pid, startTicks, pidSpace] = /^(\S+) by process (\d+) since (\d+) in (\S+)$/u.exec(text) ?? []
  if (time === undefined || pidSpace === undefined) return undefined
  return { time, pid: Number(pid), startTicks: Number(startTicks), pidSpace }
}

/** True if the importer has certainly ended; false also if it cannot be told from here. */
export const hasEnded = (mark: ImportMark): boolean => mark.pidSpace === pidSpace() && startTicksOf(mark.pid) !== mark.startTicks

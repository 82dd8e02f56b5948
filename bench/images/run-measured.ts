import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What a process took: wall clock, user and system time of all its threads, and the most memory it had resident. */
export interface Usage {
  readonly millis: number
  readonly cpuMillis: number
  readonly peakMiB: number
}

/** A run and what it wrote to standard output. */
interface Run extends Usage {
  readonly output: string
}

const ticksPerSecond = 100
const sampleMillis = 20

/** CPU and peak memory of a running process, from /proc; undefined if it has ended. */
export function usageOf(pid: number): Omit<Usage, 'millis'> | undefined {
  try {
    const [user = '0', system = '0'] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /u, '')
      .split(' ')
      .slice(11, 13)
    const peak = /VmHWM:\s+(\d+)/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    if (peak === undefined) return undefined
    return { cpuMillis: ((Number(user) + Number(system)) * 1000) / ticksPerSecond, peakMiB: Number(peak) / 1024 }
  } catch {
    return undefined
  }
}

/** Runs a program to its end. CPU and memory are sampled, so what it does in its last 20 ms is not in them. @throws if it fails. */
export async function runMeasured(program: string, words: readonly string[], env = process.env): Promise<Run> {
  const begun = performance.now()
  const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-2000)))
  let last: Omit<Usage, 'millis'> = { cpuMillis: 0, peakMiB: 0 }
  const timer = setInterval(() => (last = usageOf(child.pid ?? 0) ?? last), sampleMillis)
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  const millis = performance.now() - begun
  clearInterval(timer)
  if (code !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${String(code)}: ${complaints}`)
  return { ...last, millis, output }
}

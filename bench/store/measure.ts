/** One run of writers: how fast, and how long a write took (milliseconds). `cpu` is this process's time per put (microseconds). */
export interface Figures {
  readonly rate: number
  readonly p50: number
  readonly p99: number
  readonly cpu: number
}

type Put = (writer: number, key: string, value: string) => Promise<void>

/** Runs `writers` at once, each putting new keys of 1 KB one after the other, for `millis`. */
export async function measurePuts(put: Put, writers: number, millis: number): Promise<Figures> {
  const value = 'v'.repeat(1024)
  const run = `/bench/${Math.random().toString(36).slice(2)}`
  const times: number[] = []
  const cpu = process.cpuUsage()
  const start = performance.now()
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let i = 0; ; i++) {
        const from = performance.now()
        if (from - start > millis) return
        await put(writer, `${run}/${writer}/${i}`, value)
        times.push(performance.now() - from)
      }
    }),
  )
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0
  return { rate: times.length / seconds, p50: at(0.5), p99: at(0.99), cpu: (user + system) / times.length }
}

/** The middle of `numbers`. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2
}

/** The medians of each figure over rounds. */
export function medians(rounds: readonly Figures[]): Figures {
  const of = (name: keyof Figures): number => median(rounds.map((round) => round[name]))
  return { rate: of('rate'), p50: of('p50'), p99: of('p99'), cpu: of('cpu') }
}

/**
 * Durable puts of 1 KB, the revision log against Debian's etcd, fsync on, both on the same disk, in turns. Prints medians over
 * rounds and ratios to etcd. Usage: node bench/store/etcd.ts [ROUNDS] [SECONDS OF ONE RUN] [DIRECTORY]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteDriver, openRevisionLog } from '@weir/store'
import { type Server, startEtcd } from './etcd-server.ts'
import { type Figures, measurePuts, medians } from './measure.ts'
import { connectPutClient } from './put-client.ts'

const rounds = Number(process.argv[2] ?? 5)
const millis = Number(process.argv[3] ?? 2) * 1000
const directory = mkdtempSync(join(process.argv[4] ?? tmpdir(), 'weir-bench-'))
const writerCounts = [1, 16, 64]

type Run = (writers: number) => Promise<Figures>

/** The log behind the same wire as etcd, in a process of its own. */
async function startWeir(): Promise<Server> {
  const child = spawn(process.execPath, [new URL('weir-server.ts', import.meta.url).pathname, join(directory, 'wire.db')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  const exit = once(child, 'exit')
  return {
    port: Number(port),
    stop: async () => {
      child.kill()
      await exit
    },
  }
}

const overWire =
  (port: number): Run =>
  async (writers) => {
    const client = await connectPutClient(port, Math.ceil(writers / 16))
    try {
      return await measurePuts((writer, key, value) => client.put(writer, key, value), writers, millis)
    } finally {
      client.close()
    }
  }

async function runAll(systems: ReadonlyMap<string, Run>): Promise<ReadonlyMap<string, readonly Figures[]>> {
  const results = new Map<string, Figures[]>()
  const names = [...systems.keys()]
  // Round 0 warms up and is not counted; each round begins with another system.
  for (let round = 0; round <= rounds; round++) {
    for (const writers of writerCounts) {
      for (let turn = 0; turn < names.length; turn++) {
        const name = names[(round + turn) % names.length] ?? ''
        const figures = await systems.get(name)?.(writers)
        const key = `${name} ${writers}`
        if (round > 0 && figures !== undefined) results.set(key, [...(results.get(key) ?? []), figures])
      }
    }
  }
  return results
}

function print(results: ReadonlyMap<string, readonly Figures[]>, names: readonly string[]): void {
  console.log('writers  system           puts/s   p50 ms   p99 ms   bench CPU us/put   puts: ratio to etcd (rounds)   p99: ratio')
  for (const writers of writerCounts) {
    const etcdRounds = results.get(`etcd ${writers}`) ?? []
    const etcd = medians(etcdRounds)
    for (const name of names) {
      const own = results.get(`${name} ${writers}`) ?? []
      const { rate, p50, p99, cpu } = medians(own)
      const ratios = own.map((figures, i) => figures.rate / (etcdRounds[i]?.rate ?? 0)).toSorted((a, b) => a - b)
      const cells = [
        String(writers).padStart(7),
        name.padEnd(15),
        rate.toFixed(0).padStart(7),
        p50.toFixed(2).padStart(7),
        p99.toFixed(2).padStart(7),
        cpu.toFixed(0).padStart(17),
        `${(rate / etcd.rate).toFixed(2)} (${ratios[0]?.toFixed(2)} to ${ratios.at(-1)?.toFixed(2)})`.padStart(30),
        (p99 / etcd.p99).toFixed(2).padStart(12),
      ]
      console.log(cells.join('  '))
    }
  }
}

if (statfsSync(directory).type === 0x01_02_19_94)
  console.log('WARNING: a RAM disk: nothing here waits for a disk. Give a directory on one.')
const etcd = await startEtcd(directory)
const weir = await startWeir()
const log = await openRevisionLog(createSqliteDriver(join(directory, 'process.db')))
const systems = new Map<string, Run>([
  ['etcd', overWire(etcd.port)],
  ['weir, same wire', overWire(weir.port)],
  [
    'weir, embedded',
    (writers) =>
      measurePuts(
        async (_writer, key, value) => {
          await log.commit({ key, value })
        },
        writers,
        millis,
      ),
  ],
])
try {
  console.log(
    `client: hand-encoded gRPC PutRequest on a socket, one connection per 16 writers. Its cost is in 'etcd' and in 'weir, same wire'
alike (both servers are processes of their own); 'weir, embedded' is called in this process, as the API server does it.
${rounds} rounds of ${millis / 1000} s, ${directory}`,
  )
  print(await runAll(systems), [...systems.keys()])
} finally {
  await Promise.all([etcd.stop(), weir.stop(), log.close()])
  rmSync(directory, { recursive: true })
}

/**
 * The API over HTTPS with fsync on, beside Debian's etcd: creates of ConfigMaps of 1 KB by 64 clients against bare puts of 1 KB by 64
 * clients, in turns; a list of 10,000 ConfigMaps; 1,000 watchers that each must get each of 1,000 events in order, over connections
 * of their own. Server, etcd, clients and watchers are processes of their own.
 * Usage: node bench/api/https.ts [ROUNDS] [SECONDS OF ONE RUN] [DIRECTORY]
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEtcd } from '../store/etcd-server.ts'
import { type Figures, median, medians } from '../store/measure.ts'
import { type Access, type Connection, openConnection } from './https-client.ts'
import type { Run } from './load.ts'
import type { Told, WatchersReport } from './watchers.ts'

const rounds = Number(process.argv[2] ?? 7)
const millis = Number(process.argv[3] ?? 3) * 1000
const directory = mkdtempSync(join(process.argv[4] ?? tmpdir(), 'weir-bench-'))
const clients = 64

const start = (file: string, args: readonly string[] = []): ChildProcess =>
  fork(new URL(file, import.meta.url), args, { stdio: 'inherit' })
const messageOf = async <T>(child: ChildProcess): Promise<T> => ((await once(child, 'message')) as [T])[0]

async function creates(access: Access): Promise<void> {
  mkdirSync(join(directory, 'etcd-data'))
  const etcd = await startEtcd(join(directory, 'etcd-data'))
  const load = start('load.ts')
  const perform = async (run: Run): Promise<Figures> => {
    load.send(run)
    return messageOf(load)
  }
  const systems: ReadonlyMap<string, Run> = new Map([
    ['weir: HTTPS creates, 64 connections', { kind: 'Creates', access, clients, millis }],
    ['etcd: puts, 64 connections', { kind: 'Puts', port: etcd.port, connections: 64, clients, millis }],
    ['etcd: puts, 4 connections', { kind: 'Puts', port: etcd.port, connections: 4, clients, millis }],
  ] satisfies [string, Run][])
  const results = new Map([...systems.keys()].map((name) => [name, [] as Figures[]]))
  // Round 0 warms up and is not counted; each round begins with another system.
  for (let round = 0; round <= rounds; round++) {
    const order = [...systems]
    for (const [name, run] of [...order.slice(round % 3), ...order.slice(0, round % 3)]) {
      const figures = await perform(run)
      if (round > 0) results.get(name)?.push(figures)
    }
  }
  load.kill()
  await etcd.stop()
  print(results)
}

function print(results: ReadonlyMap<string, readonly Figures[]>): void {
  const own = [...results.values()][0] ?? []
  console.log(
    `medians of ${rounds} rounds of ${millis / 1000} s        writes/s   p50 ms   p99 ms   client CPU us   weir's rate is (rounds)`,
  )
  for (const [name, figures] of results) {
    const { rate, p50, p99, cpu } = medians(figures)
    const ratios = own.map((each, round) => each.rate / (figures[round]?.rate ?? 0)).toSorted((a, b) => a - b)
    const cells = [
      name.padEnd(36),
      rate.toFixed(0).padStart(8),
      p50.toFixed(1).padStart(7),
      p99.toFixed(1).padStart(7),
      cpu.toFixed(0).padStart(14),
      `${median(ratios).toFixed(2)} (${ratios[0]?.toFixed(2)} to ${ratios.at(-1)?.toFixed(2)})`.padStart(26),
    ]
    console.log(cells.join('  '))
  }
}

/** Creates `count` ConfigMaps in `namespace` over `connections`; returns their revisions, ascending. */
async function fill(connections: readonly Connection[], namespace: string, count: number): Promise<readonly number[]> {
  const revisions: number[] = []
  let next = 0
  const value = 'x'.repeat(900)
  await Promise.all(
    connections.map(async (connection) => {
      while (next < count) {
        const body = JSON.stringify({ metadata: { name: `m-${next++}` }, data: { value } })
        const answer = await connection.ask('POST', `/api/v1/namespaces/${namespace}/configmaps`, body)
        const { metadata } = JSON.parse(answer.body.toString()) as { metadata: { resourceVersion: string } }
        revisions.push(Number(metadata.resourceVersion))
      }
    }),
  )
  return revisions.toSorted((a, b) => a - b)
}

async function lists(connections: readonly Connection[]): Promise<void> {
  const count = 10_000
  await fill(connections, 'kube-node-lease', count)
  const times: number[] = []
  for (let round = 0; round < 7; round++) {
    const begun = performance.now()
    const answer = await connections[0]?.ask('GET', '/api/v1/namespaces/kube-node-lease/configmaps')
    times.push(performance.now() - begun)
    const found = answer?.body.toString().match(/"name":"m-\d+"/gu)?.length
    if (found !== count) throw new Error(`the list has ${found} objects instead of ${count}`)
  }
  console.log(`list of ${count} ConfigMaps of 1 KB, median of 7: ${median(times).toFixed(0)} ms (goal 500)`)
}

async function watches(access: Access, connections: readonly Connection[], pid: number): Promise<void> {
  const [watchers, events] = [1000, 1000]
  const child = start('watchers.ts')
  child.send({ kind: 'Watch', access, watchers, events, namespace: 'kube-public' } satisfies Told)
  await messageOf<'watching'>(child)
  const begun = performance.now()
  const revisions = await fill(connections.slice(0, 4), 'kube-public', events)
  const written = performance.now() - begun
  child.send({ kind: 'Check', revisions } satisfies Told)
  const { complete, inOrder } = await messageOf<WatchersReport>(child)
  const seconds = (performance.now() - begun) / 1000
  child.kill()
  const resident = /VmRSS:\s+(\d+)/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  console.log(
    `${watchers} watchers over HTTPS x ${events} events of 1 KB: ${complete} got all, ${inOrder} of them in order; ` +
      `${seconds.toFixed(1)} s (${((watchers * events) / seconds).toFixed(0)} events/s; written in ${(written / 1000).toFixed(1)} s); ` +
      `server resident ${(Number(resident) / 1024).toFixed(0)} MiB`,
  )
}

const server = start('api-server.ts', [directory])
try {
  const access = await messageOf<Access>(server)
  await creates(access)
  const connections = await Promise.all(Array.from({ length: clients }, () => openConnection(access)))
  await lists(connections)
  await watches(access, connections, server.pid ?? 0)
  for (const connection of connections) connection.close()
} finally {
  const exit = once(server, 'exit')
  server.kill()
  await exit
  rmSync(directory, { recursive: true })
}

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AssessmentReport } from '@weir/assessment'
import { type Client, createClient } from '@weir/client'
import { type MovePlan, parseProblem, type PlacementPlan, type PlacementProblem } from '@weir/planner'
import { checkMoves, checkPlan } from '@weir/planner/checker'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpsTransport, type HttpsTransport } from '../../apps/weir/src/cli/https-transport.ts'
import { loadConnection } from '../../apps/weir/src/cli/kubeconfig.ts'
import { type LiveServer, startLiveServer } from '../conformance/live-server.ts'
import { addBudget, addMachine, addMetrics, addMigration, addNode, addPod, ownedBy, secretWord } from './fabric/build-cluster.ts'
import { budget, migration, pod, podMetrics } from './fabric/cluster-kinds.ts'
import { type CommandResult, runWeir } from './command/run-weir.ts'

/** Plans for a live cluster as a user has them: real objects over HTTPS, and every plan checked by the independent checker. */
const directory = mkdtempSync(join(tmpdir(), 'weir-fabric-'))
const everything = { groups: ['*'], verbs: ['list'] }
const paths: string[] = []
let server: LiveServer
let transport: HttpsTransport
let client: Client

const run = (words: readonly string[], kubeconfig = server.kubeconfig): Promise<CommandResult> =>
  runWeir(words, { environment: { KUBECONFIG: kubeconfig, WEIR_HOME: join(directory, 'nothing') } })
const weir = (...words: readonly string[]): Promise<CommandResult> => run(words)

/** A kubeconfig of the bearer of a token. */
function kubeconfigOf(token: string): string {
  const file = join(directory, token)
  const config = JSON.parse(readFileSync(server.kubeconfig, 'utf8')) as object
  writeFileSync(file, JSON.stringify({ ...config, users: [{ name: 'admin', user: { token } }] }), { mode: 0o600 })
  return file
}

async function snapshot(): Promise<PlacementProblem> {
  const { out } = await weir('plan', 'snapshot')
  return parseProblem(JSON.parse(out))
}

const moves = async (...words: readonly string[]): Promise<MovePlan> =>
  JSON.parse((await weir('plan', ...words, '--cluster', '-o', 'json')).out) as MovePlan

beforeAll(async () => {
  server = await startLiveServer(directory, 0, {
    kinds: [pod, podMetrics, migration, budget],
    users: {
      'no-pods': [{ ...everything, resources: ['nodes', 'virtualmachines', 'virtualmachineinstances'] }],
      nobody: [],
    },
    onRequest: (path) => paths.push(path),
  })
  transport = createHttpsTransport(loadConnection({ kubeconfig: server.kubeconfig }))
  client = createClient(transport)
  await Promise.all(['h1', 'h2', 'h3'].map((name) => addNode(client, name, { labels: { zone: 'a' } })))
  await addNode(client, 'special', { spec: { taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }] } })
  await addMachine(client, 'db', { host: 'h1', gibibytes: 16 })
  await addMachine(client, 'web', { host: 'h2', gibibytes: 4 })
  await addMachine(client, 'pinned', {
    host: 'h3',
    gibibytes: 2,
    status: {
      conditions: [{ type: 'LiveMigratable', status: 'False', reason: 'DisksNotLiveMigratable', message: 'a local disk' }],
    },
  })
  const apart = {
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: { matchLabels: { app: 'quorum' } }, topologyKey: 'kubernetes.io/hostname' },
        ],
      },
    },
  }
  await addPod(client, {
    metadata: ownedBy('StatefulSet', 'quorum', 'quorum-0'),
    host: 'h1',
    cpu: '1',
    memory: '1Gi',
    spec: apart,
  })
  await addPod(client, {
    metadata: ownedBy('StatefulSet', 'quorum', 'quorum-1'),
    host: 'h2',
    cpu: '1',
    memory: '1Gi',
    spec: apart,
  })
  await addPod(client, { metadata: ownedBy('DaemonSet', 'logs', 'logs-h2'), host: 'h2', cpu: '100m', memory: '200Mi' })
  await addPod(client, { metadata: ownedBy('Deployment', 'late', 'late-0'), cpu: '500m', memory: '512Mi' })
  await addMetrics(client, 'virt-launcher-db', { cpu: '2500m', memory: '9Gi' })
})

afterAll(async () => {
  transport.close()
  await server.close()
  rmSync(directory, { recursive: true, force: true })
})

describe('a snapshot', () => {
  it('is a problem with everything where it runs, and with the rules of the cluster', async () => {
    const problem = await snapshot()
    const byName = new Map(problem.workloads.map((workload) => [workload.name, workload]))
    expect([...byName.keys()].toSorted()).toEqual([
      'default/db',
      'default/late-0',
      'default/pinned',
      'default/quorum-0',
      'default/quorum-1',
      'default/web',
    ])
    expect(byName.get('default/db')).toEqual({
      name: 'default/db',
      requests: { cpu: 400, memory: 16 * 1024 + 300, pods: 1, cpuUsed: 2500, memoryUsed: 9 * 1024 },
      hostSelector: { 'without taint dedicated=gpu:NoSchedule': 'true' },
      currentHost: 'h1',
      move: { mebibytes: 16 * 1024 },
    })
    expect(byName.get('default/late-0')).not.toHaveProperty('currentHost')
    expect(byName.get('default/pinned')?.move).toEqual({ isMovable: false })
    expect(problem.rules).toEqual([
      {
        type: 'AntiAffinity',
        name: 'anti-affinity of default/StatefulSet/quorum',
        topologyKey: 'host',
        workloads: { names: ['default/quorum-0', 'default/quorum-1'] },
      },
    ])
    const [alike, withDaemon] = problem.hostTypes
    expect([alike?.count, withDaemon?.count]).toEqual([3, 1])
    expect([alike?.reserve?.['memory'], withDaemon?.reserve?.['memory']]).toEqual([4096, 4096 + 200])
    const plan = JSON.parse((await weir('plan', '--cluster', '-o', 'json', '--iterations', '200')).out) as PlacementPlan
    expect(checkPlan({ ...problem, policy: { budget: { iterations: 200 } } }, plan)).toEqual([])
  })

  it('says on standard error what stays and why', async () => {
    const { err } = await weir('plan', 'snapshot', '-o', 'yaml')
    expect(err).toMatch(/'default\/pinned' cannot be moved: it cannot be migrated live \(DisksNotLiveMigratable: a local disk\)/u)
  })

  it('holds no word of a password, and asks for no Secret', async () => {
    const printed = [
      await weir('plan', 'snapshot'),
      await weir('assess', '--cluster', '-o', 'json', '--iterations', '50'),
      await weir('plan', 'consolidate', '--cluster'),
    ]
    for (const { out, err } of printed) expect(out + err).not.toContain(secretWord)
    expect(paths.filter((path) => /secrets|configmaps/u.test(path))).toEqual([])
  })
})

describe('moves', () => {
  it('that consolidate free a host, hold every rule at every step, and name what stays', async () => {
    const [problem, plan] = [await snapshot(), await moves('consolidate')]
    expect(checkMoves(problem, plan)).toEqual([])
    expect(plan).toMatchObject({ kind: 'MovePlan', goal: 'Consolidate', emptiedHosts: ['h2'] })
    expect(plan.held).toEqual([
      {
        workload: 'default/pinned',
        reason: 'Immovable',
        message: 'default/pinned cannot be moved: it cannot be migrated live (DisksNotLiveMigratable: a local disk).',
      },
    ])
  })

  it('that drain a host take all of it away, and end with 1 if something has to stay', async () => {
    const problem = await snapshot()
    const drained = (name: string): PlacementProblem => ({
      ...problem,
      hosts: (problem.hosts ?? []).map((host) => (host.name === name ? { ...host, state: 'Maintenance' } : host)),
    })
    const plan = await moves('drain', 'h1')
    expect(checkMoves(drained('h1'), plan)).toEqual([])
    expect(plan.emptiedHosts).toEqual(['h1'])
    expect(plan.moves.map(({ workload, to }) => [workload, to])).toEqual(expect.arrayContaining([['default/quorum-0', 'h3']]))
    const { code, out } = await weir('plan', 'drain', 'h3', '--cluster')
    expect([code, out]).toEqual([1, expect.stringMatching(/Moves {5}none: what is left cannot leave\n/u)])
  })

  it('rest after a move, and wait for a budget', async () => {
    await addMigration(client, 'web')
    const { metadata } = await client.get(pod, { namespace: 'default', name: 'quorum-1' })
    await addBudget(client, String(metadata.labels?.['app']), 0)
    const plan = await moves('drain', 'h2')
    expect(plan.held.map(({ workload, message }) => [workload, message])).toEqual([
      ['default/quorum-1', 'default/quorum-1 cannot be moved: the disruption budget quorum-budget allows none to go now.'],
    ])
    expect((await snapshot()).workloads.find(({ name }) => name === 'default/web')?.move).toEqual({
      mebibytes: 4096,
      movesToday: 1,
    })
    await client.delete(budget, { namespace: 'default', name: 'quorum-budget' })
  })
})

describe('single workloads', () => {
  it('are placed with reasons, whatever waits for a host first', async () => {
    const { code, out } = await weir('plan', 'place', '--cluster')
    expect(code).toBe(0)
    expect(out).toMatch(/^WORKLOAD +HOST +STRANDS +LEAVES +RAISES +NOT ON\ndefault\/late-0 +h\d .* 1 of 4: HostSelector 1\n/u)
  })

  it('are refused with a reason for each constraint', async () => {
    const { code, out } = await weir('plan', 'place', '--cluster', '-o', 'json', '--request', 'giant=cpu:1000,memory:99999999')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      kind: 'PlacementDecisions',
      decisions: [
        {
          kind: 'Unplaced',
          workload: 'giant',
          refusedBy: { memory: 3, HostSelector: 1 },
          reasons: [{ constraint: 'memory' }, { host: 'special', constraint: 'HostSelector' }],
        },
      ],
    })
  })
})

describe('machines and pods that are to come', () => {
  const toCome = (kind: string, name: string, spec: object, labels = {}): object => ({
    apiVersion: kind === 'Pod' ? 'v1' : 'kubevirt.io/v1',
    kind,
    metadata: { name },
    spec: kind === 'VirtualMachine' ? { runStrategy: 'Always', template: { metadata: { labels }, spec } } : spec,
  })
  const domain = { cpu: { cores: 2 }, memory: { guest: '2Gi' }, devices: {} }
  const away = {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: { app: 'quorum' } }, topologyKey: 'kubernetes.io/hostname' },
      ],
    },
  }
  const fileOf = (name: string, document: unknown): string => {
    const file = join(directory, name)
    writeFileSync(file, JSON.stringify(document))
    return file
  }

  it('are placed by their manifests, with the rules and taints of the cluster', async () => {
    const tolerations = [{ key: 'dedicated', operator: 'Exists' }]
    const items = [
      toCome('VirtualMachine', 'aloof', { domain, affinity: away }),
      toCome('VirtualMachine', 'gpu', { domain, affinity: away, tolerations }),
      toCome('Pod', 'tiny', { containers: [{ name: 'main', resources: { requests: { cpu: '10m' } } }] }),
    ]
    const { code, out } = await weir(
      'plan',
      'place',
      '--cluster',
      '-o',
      'json',
      '--manifest',
      fileOf('list.json', { kind: 'List', items }),
    )
    expect(code).toBe(0)
    const { decisions } = JSON.parse(out) as {
      readonly decisions: readonly { readonly workload: string; readonly host: string }[]
    }
    expect(decisions.map(({ workload, host }) => [workload, host])).toEqual([
      ['default/aloof', 'h3'],
      ['default/gpu', expect.stringMatching(/h3|special/u)],
      ['default/tiny', expect.stringMatching(/^h\d$/u)],
    ])
    expect(decisions[0]).toMatchObject({ refusedBy: { HostSelector: 1, 'anti-affinity of default/aloof': 1 } })
  })

  it.each([
    ['a kind that runs nowhere', toCome('Service', 'x', {}), 1, /`kind` must be one of: 'VirtualMachine'/u],
    ['an object without a name', { kind: 'Pod', metadata: {} }, 1, /`metadata\.name` must be given/u],
    [
      'a list with one of them',
      { kind: 'List', items: [toCome('Pod', 'a', {}), {}] },
      1,
      /`items\[1\]\.metadata\.name` must be given/u,
    ],
    ['a machine that is there', toCome('VirtualMachine', 'db', { domain }), 2, /has 'default\/db' already/u],
  ] as const)('are refused: %s', async (...[, document, code, message]) => {
    const result = await weir('plan', 'place', '--cluster', '--manifest', fileOf('one.json', document))
    expect([result.code, result.out]).toEqual([code, ''])
    expect(result.err).toMatch(message)
  })

  it('need a cluster', async () => {
    const result = await weir('plan', 'place', '--problem', '-', '--manifest', fileOf('one.json', toCome('Pod', 'a', {})))
    expect([result.code, result.err]).toEqual([2, expect.stringMatching(/--manifest needs --cluster/u)])
  })
})

it('files with usage are joined with what the cluster shows', async () => {
  const usage = join(directory, 'usage.csv')
  writeFileSync(usage, `machine,metric,start,stepSeconds\ndb,cpuMhz,2026-01-01T00:00:00Z,3600${',500'.repeat(24 * 40)}\n`)
  const report = JSON.parse(
    (await weir('assess', '--cluster', usage, '-o', 'json', '--name', 'prod', '--iterations', '50')).out,
  ) as AssessmentReport
  expect(report).toMatchObject({ metadata: { name: 'prod' }, sources: [{ type: 'Kubernetes' }], inventory: { hosts: 4 } })
  expect(report.machines.find(({ name }) => name === 'db')?.size.cpuCount).toMatchObject({ reason: { id: 'size.noClock' } })
})

describe('a cluster that cannot be read whole', () => {
  it('is read page by page', async () => {
    const add = (index: number) =>
      addPod(client, { metadata: ownedBy('Deployment', 'tiny', `tiny-${index}`), host: 'special', cpu: '1m', memory: '1Mi' })
    // Some at a time: each request that waits has a connection of its own.
    for (let done = 0; done < 1100; done += 44) await Promise.all(Array.from({ length: 44 }, (_, at) => add(done + at)))
    paths.length = 0
    const report = JSON.parse((await weir('assess', '--cluster', '-o', 'json', '--iterations', '0')).out) as AssessmentReport
    expect(report.inventory.machines).toBe(1100 + 7)
    expect(paths.filter((path) => path === '/api/v1/pods')).toHaveLength(3)
  }, 60_000)

  it('is assessed as far as the user may see, with what is missing named', async () => {
    const { code, out } = await run(['assess', '--cluster', '-o', 'json', '--iterations', '50'], kubeconfigOf('no-pods'))
    expect(code).toBe(0)
    const report = JSON.parse(out) as AssessmentReport
    expect(report.inventory).toMatchObject({ hosts: 4, machines: 3 })
    expect(report.findings).toContainEqual(
      expect.objectContaining({
        kind: 'Missing',
        object: 'sheet/pods',
        message: expect.stringMatching(/may not be listed, so nothing is known of them\. .*cannot list resource "pods"/u),
        remedy: expect.stringMatching(/ClusterRole/u),
      }),
    )
  })

  it('is not planned for, because hosts would be overfilled', async () => {
    const { code, out, err } = await run(['plan', 'consolidate', '--cluster'], kubeconfigOf('no-pods'))
    expect([code, out]).toEqual([4, ''])
    expect(err).toMatch(/^error: a plan needs all that the hosts run: The pods \(v1\) may not be listed/u)
  })

  it.each([
    ['one who may see nothing', ['assess', '--cluster'], 'nobody', 4, /cannot list resource/u],
    ['one whom nobody knows', ['plan', '--cluster'], 'stranger', 4, /hint: the certificate or token/u],
  ] as const)('is told to %s in a line', async (...[, words, token, code, message]) => {
    const result = await run(words, kubeconfigOf(token))
    expect([result.code, result.out]).toEqual([code, ''])
    expect(result.err).toMatch(message)
  })

  it.each([
    ['a server that is not there', ['plan', 'rebalance', '--cluster'], 1, /No answer from the API server/u],
    ['no source', ['plan', 'rebalance'], 2, /--problem FILE, or --cluster/u],
    ['two sources', ['plan', 'rebalance', '--cluster', '--problem', '-'], 2, /--problem FILE, or --cluster/u],
    ['a namespace', ['plan', 'rebalance', '--cluster', '-n', 'default'], 2, /leave --namespace out/u],
    ['nothing to assess', ['assess'], 2, /--cluster/u],
  ] as const)('refuses %s', async (_, words, code, message) => {
    const gone = join(directory, 'gone')
    writeFileSync(gone, readFileSync(server.kubeconfig, 'utf8').replaceAll(`:${server.port}`, ':1'), { mode: 0o600 })
    const result = await run(words, gone)
    expect([result.code, result.out]).toEqual([code, ''])
    expect(result.err).toMatch(message)
  })
})

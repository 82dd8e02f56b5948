import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Host, MovePlan, PlacementPlan, PlacementProblem, Workload } from '@weir/planner'
import { checkMoves, checkPlan } from '@weir/planner/checker'
import { afterAll, describe, expect, it } from 'vitest'
import { type CommandResult, runWeir } from './command/run-weir.ts'

/** Moves and single placements from a snapshot, as a user has them; what is printed is held to the independent checker. */
const folder = mkdtempSync(join(tmpdir(), 'weir-moves-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const weirPlan = (words: readonly string[], input = ''): Promise<CommandResult> => runWeir(['plan', ...words], { input })

const fileOf = (name: string, document: unknown): string => {
  const file = join(folder, name)
  writeFileSync(file, JSON.stringify(document))
  return file
}

const gibibytes = (count: number): number => count * 1024

/** Six hosts of 128 GiB: two are busy, the others hold a little each. Two web servers keep apart, one machine has just moved. */
const problem: PlacementProblem = {
  apiVersion: 'weir.dev/v1alpha1',
  kind: 'PlacementProblem',
  metadata: { name: 'lab' },
  resources: [
    { name: 'cpu', unit: 'millicores' },
    { name: 'memory', unit: 'MiB', transient: true },
  ],
  hostTypes: [{ name: 'big', capacity: { cpu: 32_000, memory: gibibytes(128) }, count: 6 }],
  hosts: Array.from({ length: 6 }, (_, at) => ({ name: `h${at + 1}`, type: 'big' })),
  workloads: [
    ...[1, 1, 2].map((host, at): Workload => ({
      name: `busy-${at}`,
      requests: { cpu: 4000, memory: gibibytes(40) },
      currentHost: `h${host}`,
    })),
    { name: 'web-0', app: 'web', requests: { cpu: 2000, memory: gibibytes(8) }, currentHost: 'h3' },
    { name: 'web-1', app: 'web', requests: { cpu: 2000, memory: gibibytes(8) }, currentHost: 'h4' },
    { name: 'fresh', requests: { cpu: 1000, memory: gibibytes(4) }, currentHost: 'h5', move: { lastMovedSecondsAgo: 60 } },
    { name: 'late', requests: { cpu: 1000, memory: gibibytes(4) } },
  ],
  rules: [{ type: 'AntiAffinity', name: 'web apart', workloads: { apps: ['web'] }, topologyKey: 'host' }],
}
const file = fileOf('problem.json', problem)

const withStates = (states: Readonly<Record<string, Host['state']>>): PlacementProblem => ({
  ...problem,
  hosts: (problem.hosts ?? []).map((host) => ({ ...host, state: states[host.name] ?? 'Ready' })),
})

const planned = async (...words: readonly string[]): Promise<MovePlan> =>
  JSON.parse((await weirPlan([...words, '-o', 'json'])).out) as MovePlan

describe('weir plan consolidate', () => {
  it('shows each step with its reason, the sums, what it frees and what stays', async () => {
    const { code, out } = await weirPlan(['consolidate', '--problem', file])
    expect(code).toBe(0)
    expect(out).toMatch(/^STEP +START +SECONDS +WORKLOAD +FROM +TO +GIB +GAIN +COST +REASON\n/u)
    expect(out).toMatch(/\n\d +0 +13\.\d +web-1 +h4 +h\d +8\.0 +4\.00 +0\.00 +empties h4\n/u)
    expect(out).toMatch(/\nMoves {5}\d, [\d.]+ GiB \(no plan frees as much with less than \d and [\d.]+ GiB\)\n/u)
    expect(out).toMatch(/\nFrees {5}h\d/u)
    expect(out).toMatch(/\nLimits {4}2 out of and 2 into a host, 8 at once, 596 MiB\/s a move, 1192 MiB\/s a link\n/u)
    expect(out).toMatch(/\nStays \(1\):\n {2}- Cooldown: fresh moved 60 s ago and rests; plan again later\.\n/u)
  })

  it.each([
    ['as it comes', []],
    ['one move at a time over a slow network', ['--at-once', '1', '--link', '100', '--rate', '50']],
    ['fewest moves', ['--prefer', 'moves', '--empty-below', '80', '--fill-up-to', '100']],
    ['without rest', ['--cooldown', '0']],
  ])('writes a document that the checker has nothing against: %s', async (_, flags) => {
    const plan = await planned('consolidate', '--problem', file, ...flags)
    expect(checkMoves(problem, plan)).toEqual([])
    expect(plan).toMatchObject({
      apiVersion: 'weir.dev/v1alpha1',
      kind: 'MovePlan',
      goal: 'Consolidate',
      metadata: { name: 'lab' },
    })
    expect(plan.emptiedHosts.length).toBeGreaterThan(0)
    expect(await planned('consolidate', '--problem', file, ...flags)).toEqual(plan)
  })

  it('holds the limits that it is given', async () => {
    const plan = await planned('consolidate', '--problem', file, '--at-once', '1', '--link', '100', '--rate', '50')
    expect(plan.limits).toMatchObject({ cluster: 1, linkMebibytesPerSecond: 100, moveMebibytesPerSecond: 50 })
    const ends = plan.moves.map(({ endSeconds }) => endSeconds)
    plan.moves.slice(1).forEach(({ startSeconds }, at) => expect(startSeconds).toBeGreaterThanOrEqual(ends[at] ?? Infinity))
  })

  it('moves nothing that is not worth it, and says so', async () => {
    const { out } = await weirPlan(['consolidate', '--problem', file, '--stable-hours', '0.01', '--move-cost', '1000'])
    expect(out).toMatch(/^Moves {5}none: no host that is used below 45 % can be emptied/u)
    expect(await planned('consolidate', '--problem', file, '--empty-below', '1')).toMatchObject({ moves: [], emptiedHosts: [] })
  })
})

describe('weir plan drain', () => {
  it('empties the hosts that are named, whatever rests', async () => {
    const plan = await planned('drain', 'h1', 'h5', '--problem', file)
    expect(checkMoves(withStates({ h1: 'Maintenance', h5: 'Maintenance' }), plan)).toEqual([])
    expect(plan.emptiedHosts).toEqual(['h1', 'h5'])
    expect(plan.moves.map(({ reason }) => reason)).toEqual(['Drain', 'Drain', 'Drain'])
  })

  it('empties those in maintenance of the snapshot without a name', async () => {
    const marked = withStates({ h2: 'Maintenance', h6: 'Cordoned' })
    const plan = await planned('drain', '--problem', fileOf('maintenance.json', marked))
    expect(checkMoves(marked, plan)).toEqual([])
    expect(plan.emptiedHosts).toEqual(['h2'])
  })

  it('ends with 1 and the reason if something has to stay', async () => {
    const workloads = problem.workloads.map((each) => (each.name === 'web-0' ? { ...each, move: { isMovable: false } } : each))
    const { code, out } = await weirPlan(['drain', 'h3', '--problem', fileOf('stuck.json', { ...problem, workloads })])
    expect(code).toBe(1)
    expect(out).toMatch(/Moves {5}none: what is left cannot leave\n[^]*- Immovable: web-0 cannot be moved/u)
  })

  it('has nothing to do for a host that runs nothing', async () => {
    const { code, out } = await weirPlan(['drain', 'h6', '--problem', file])
    expect([code, out]).toEqual([0, expect.stringMatching(/Moves {5}none: h6 runs nothing that moves\n/u)])
  })
})

describe('weir plan rebalance', () => {
  it('relieves what is too full and names the reason', async () => {
    const plan = await planned('rebalance', '--problem', file, '--fill-up-to', '50')
    expect(checkMoves(problem, plan)).toEqual([])
    expect(plan.moves[0]).toMatchObject({ from: 'h1', reason: 'Relieve' })
    const { out } = await weirPlan(['rebalance', '--problem', file, '--fill-up-to', '50'])
    expect(out).toMatch(/relieves h1, which is too full\n/u)
  })
})

/** What the independent checker has against the fabric once new workloads are where decisions put them. */
function checkPlaces(fresh: readonly Workload[], decisions: readonly { readonly workload: string; readonly host?: string }[]) {
  const placed = new Map(decisions.map(({ workload, host }) => [workload, host ?? '']))
  const running = problem.workloads.filter(({ currentHost }) => currentHost !== undefined)
  const workloads = [...running, ...fresh]
  const assignments = Object.fromEntries(workloads.map(({ name, currentHost }) => [name, currentHost ?? placed.get(name) ?? '']))
  const hosts = problem.hosts?.map((host) => ({ ...host, workloadCount: 0, peak: {}, usable: {} }))
  const none = { hosts, unplaced: [], certificates: [] }
  const plan = { ...none, assignments, score: {}, bound: { all: [] }, run: {} } as unknown as PlacementPlan
  const kinds = ['Assignment', 'Capacity', 'Rule', 'HostState', 'HostSelector']
  return checkPlan({ ...problem, workloads }, plan).filter(({ kind }) => kinds.includes(kind))
}

describe('weir plan place', () => {
  it('places what has no host yet', async () => {
    const { code, out } = await weirPlan(['place', '--problem', file])
    expect(code).toBe(0)
    expect(out).toMatch(/^WORKLOAD +HOST +STRANDS +LEAVES +RAISES +NOT ON\nlate +h\d +\S+ +\S+ +\S+ +all hosts would take it\n$/u)
  })

  it('places new ones one after the other, by request and from a file, and holds rules', async () => {
    const fresh = [0, 1].map((at) => ({ name: `web-${at + 2}`, app: 'web', requests: { cpu: 1000, memory: gibibytes(4) } }))
    const words = ['place', '--problem', file, '--workloads', '-', '--request', 'lone=cpu:1,memory:1', '-o', 'json']
    const { out, code } = await weirPlan(words, JSON.stringify(fresh))
    const document = JSON.parse(out) as {
      readonly kind: string
      readonly decisions: readonly { readonly workload: string; readonly host?: string }[]
    }
    expect([code, document.kind]).toEqual([0, 'PlacementDecisions'])
    expect(document.decisions.map(({ workload }) => workload)).toEqual(['web-2', 'web-3', 'lone'])
    expect(checkPlaces([...fresh, { name: 'lone', requests: { cpu: 1, memory: 1 } }], document.decisions)).toEqual([])
    const webHosts = ['h3', 'h4', document.decisions[0]?.host, document.decisions[1]?.host]
    expect(new Set(webHosts).size).toBe(4)
    expect(document.decisions[1]).toMatchObject({ refusedBy: { 'web apart': 3 }, reasons: [{ constraint: 'web apart' }] })
  })

  it('says of every host why it is none', async () => {
    const { code, out } = await weirPlan(['place', '--problem', file, '--request', 'giant=memory:140000', '--explain'])
    expect(code).toBe(1)
    expect(out).toMatch(/giant +none +6 of 6: memory 6\n/u)
    expect(out.match(/ {2}h\d +memory +h\d has \d+ of memory free, 140000 are needed\./gu)).toHaveLength(6)
  })
})

describe('what does not fit', () => {
  const homeless = { ...problem, rules: [], workloads: problem.workloads.map(({ name, requests }) => ({ name, requests })) }
  const lost = { ...problem, rules: [], workloads: [{ name: 'x', requests: {}, currentHost: 'gone' }] }
  it.each([
    ['a host that there is not', ['drain', 'h9', '--problem', file], '', 2, /no host 'h9' to drain; there are: h1, h2/u],
    ['a drain of nothing', ['drain', '--problem', file], '', 2, /name the hosts to drain/u],
    ['a problem without hosts', ['rebalance', '--problem', '-'], { ...problem, hosts: [] }, 1, /`hosts` must list/u],
    ['one where nothing runs', ['rebalance', '--problem', '-'], homeless, 1, /none has a `currentHost`/u],
    [
      'one where something runs nowhere',
      ['consolidate', '--problem', '-'],
      lost,
      1,
      /`workloads\[0\]\.currentHost` .* no 'gone'/u,
    ],
    ['a percentage that is none', ['rebalance', '--problem', file, '--fill-up-to', '0'], '', 2, /from 1 to 100/u],
    ['a limit beyond all measure', ['drain', 'h1', '--problem', file, '--rate', '1e30'], '', 2, /from 1 to 1000000/u],
    ['a negative limit', ['drain', 'h1', '--problem', file, '--at-once', '-1'], '', 2, /from 1 to 10000/u],
    ['a workload that runs already', ['place', 'web-0', '--problem', file], '', 2, /'web-0' runs on h3 already/u],
    ['a workload that there is not', ['place', 'nobody', '--problem', file], '', 2, /no workload 'nobody'/u],
    [
      'a new one of an old name',
      ['place', '--problem', file, '--request', 'web-0=cpu:1'],
      '',
      2,
      /has a workload 'web-0' already/u,
    ],
    [
      'a resource that there is not',
      ['place', '--problem', file, '--request', 'x=cups:1'],
      '',
      1,
      /`workloads\[0\]\.requests\.cups`/u,
    ],
    ['a request that is none', ['place', '--problem', file, '--request', 'x'], '', 2, /NAME=RESOURCE:AMOUNT/u],
    [
      'new workloads that are none',
      ['place', '--problem', file, '--workloads', '-'],
      [{ name: 'x' }],
      1,
      /workloads\[0\]\.requests/u,
    ],
    ['a command that there is not', ['migrate', '--problem', file], '', 2, /unknown command 'migrate' of plan/u],
  ] as const)('is told in a line: %s', async (...[, words, input, code, message]) => {
    const result = await weirPlan(words, typeof input === 'string' ? input : JSON.stringify(input))
    expect([result.code, result.out]).toEqual([code, ''])
    expect(result.err).toMatch(message)
    expect(result.err.trim().split('\n').length).toBeLessThanOrEqual(2)
  })
})

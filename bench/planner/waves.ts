/**
 * Migration waves for a generated estate: 2,000 machines of 300 apps in 30 communities, each community on two source hosts, dependencies of all
 * three kinds with cycles, nights with a freeze, target hosts that are joined by emptied source hosts. Prints waves over the bound, weight that
 * crosses waves against first fit in dependency order, and what the checker finds. Usage: node bench/planner/waves.ts VMS_CSV [SEEDS]
 */
import { type AppDependency, planWaves, type WavePlan, type WaveProblem, type WaveWorkload } from '@weir/planner'
import { checkWaves } from '@weir/planner/checker'
import { drawMachines, hostTypeOf, seeded, type Server } from './real-machines.ts'

const [csv, seedList = '101,102,103,104,105'] = process.argv.slice(2)
if (csv === undefined) throw new Error('give the path of vms.csv')
const server: Server = { cores: 64, memoryGibibytes: 512, overcommit: 4 }
const appCount = 300
const communityCount = 30
const hour = 3600

for (const seed of seedList.split(',').map(Number)) {
  const problem = generate(csv, seed)
  const start = performance.now()
  const plan = planWaves(problem)
  const seconds = (performance.now() - start) / 1000
  const violations = checkWaves(problem, plan)
  const greedy = firstFit(problem, plan)
  console.log(
    `seed ${seed}: ${plan.waves.length} waves, ${(plan.waves.length / plan.boundWaves).toFixed(3)} of the bound; weight across waves ${plan.crossWaveWeight.toFixed(0)}, ` +
      `first fit ${greedy.weight.toFixed(0)} in ${greedy.waves} waves (${(100 * (plan.crossWaveWeight / greedy.weight - 1)).toFixed(1)} %); ` +
      `${plan.groups.filter(({ reason }) => reason === 'Cycle').length} cycles, ${plan.unplanned.length} unplanned, ${violations.length} violations, ${seconds.toFixed(1)} s`,
  )
  if (violations[0] !== undefined) console.log(`  ${violations[0].message}`)
  if (plan.unplanned[0] !== undefined) console.log(`  ${plan.unplanned[0].message}`)
}

function generate(csv: string, seed: number): WaveProblem {
  const random = seeded(seed)
  const workloads = drawMachines(csv, server, { count: 2000, seed }).map((machine, at): WaveWorkload => {
    // Some apps are larger: the power of a uniform number picks low ones more often.
    const app = at < appCount ? at : Math.floor(appCount * random() ** 1.3)
    return {
      name: machine.name,
      app: `app-${app}`,
      diskMebibytes: Math.ceil(20_480 + 204_800 * random() ** 2),
      requests: machine.requests,
      sourceHost: `source-${2 * (app % communityCount) + Math.floor(2 * random())}`,
      writeMebibytesPerSecond: random() < 0.002 ? 100 : 5,
    }
  })
  const type = hostTypeOf(server)
  const usable = {
    cpu: (type.capacity['cpu'] ?? 0) - (type.reserve?.['cpu'] ?? 0),
    memory: (type.capacity['memory'] ?? 0) - (type.reserve?.['memory'] ?? 0),
  }
  const need = workloads.reduce((sum, { requests }) => sum + (requests['memory'] ?? 0), 0) / usable.memory
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'WaveProblem',
    workloads,
    dependencies: dependenciesOf(random),
    windows: Array.from({ length: 90 }, (_, day) => ({
      startSeconds: (24 * day + 20) * hour,
      endSeconds: (24 * day + 28) * hour,
    })),
    freezes: [{ startSeconds: 24 * 20 * hour, endSeconds: 24 * 25 * hour }],
    limits: { transferMebibytesPerSecond: 600, cutOvers: 60 },
    target: {
      hosts: Array.from({ length: Math.ceil(need * 0.75) + 1 }, (_, at) => ({ name: `target-${at}`, usable })),
      reusedHosts: Array.from({ length: Math.ceil(need * 0.45) }, (_, at) => ({ name: `source-${at}`, usable })),
      reuseAfterWaves: 2,
      failoverHosts: 1,
    },
    policy: { pilotWaves: 2, pilotWorkloads: 10, heavyWriteMebibytesPerSecond: 50, seed },
  }
}

/** Mostly inside of communities; a tenth goes anywhere. Few go together, some must go before, and every 25th of those closes a cycle. */
function dependenciesOf(random: () => number): readonly AppDependency[] {
  return Array.from({ length: appCount * 4 }, (_, at): AppDependency => {
    const from = Math.floor(random() * appCount)
    const community = from % communityCount
    const inside = community + communityCount * Math.floor(random() * (appCount / communityCount))
    const to = random() < 0.9 ? inside : Math.floor(random() * appCount)
    const weight = Math.ceil(100 * random() ** 3)
    const [low, high] = [Math.min(from, to), Math.max(from, to)]
    const kind = random()
    if (kind < 0.02) return { from: `app-${from}`, to: `app-${to}`, type: 'Together', weight }
    if (kind > 0.15) return { from: `app-${from}`, to: `app-${to}`, type: 'Near', weight }
    const isBack = at % 25 === 0
    return { from: `app-${isBack ? low : high}`, to: `app-${isBack ? high : low}`, type: 'Before', weight }
  })
}

/** The first wave that a group fits in by copies and staff, no earlier than what it needs; room on the target is not asked for. */
function firstFit(problem: WaveProblem, plan: WavePlan): { readonly weight: number; readonly waves: number } {
  const { limits, policy = {}, workloads, dependencies } = problem
  const apps = [...new Set(workloads.map(({ app }) => app))]
  const groupOf = new Map(plan.groups.flatMap(({ name, apps: members }) => members.map((app) => [app, name] as const)))
  const groups = Map.groupBy(apps, (app) => groupOf.get(app) ?? app)
  const room = 8 * hour * limits.transferMebibytesPerSecond
  const waves: { mebibytes: number; count: number; isHeavy: boolean }[] = []
  const waveOf = new Map<string, number>()
  const place = (name: string, seen: ReadonlySet<string>): void => {
    const members = groups.get(name) ?? []
    if (members.some((app) => waveOf.has(app))) return
    const needed = dependencies.filter(
      ({ type, from, to }) => type === 'Before' && members.includes(from) && !members.includes(to),
    )
    for (const { to } of needed) if (!seen.has(to)) place(groupOf.get(to) ?? to, new Set([...seen, ...members]))
    const own = workloads.filter(({ app }) => members.includes(app))
    const mebibytes = own.reduce((sum, { diskMebibytes }) => sum + diskMebibytes, 0)
    const isHeavy = own.some(
      ({ writeMebibytesPerSecond = 0 }) => writeMebibytesPerSecond >= (policy.heavyWriteMebibytesPerSecond ?? 1e9),
    )
    if (own.length > limits.cutOvers || mebibytes > room) return
    const first = Math.max(0, ...needed.map(({ to }) => waveOf.get(to) ?? 0))
    for (let wave = first; ; wave++) {
      const load = (waves[wave] ??= { mebibytes: 0, count: 0, isHeavy: false })
      const isPilot = wave < (policy.pilotWaves ?? 0)
      const most = isPilot ? (policy.pilotWorkloads ?? 10) : limits.cutOvers
      if (load.count + own.length > most || load.mebibytes + mebibytes > room || load.isHeavy) continue
      if (isHeavy && (load.count > 0 || isPilot)) continue
      Object.assign(load, { mebibytes: load.mebibytes + mebibytes, count: load.count + own.length, isHeavy })
      for (const app of members) waveOf.set(app, wave)
      return
    }
  }
  for (const name of groups.keys()) place(name, new Set())
  const weight = dependencies.reduce(
    (sum, edge) => (waveOf.get(edge.from) === waveOf.get(edge.to) ? sum : sum + (edge.weight ?? 0)),
    0,
  )
  return { weight, waves: waves.filter(({ count }) => count > 0).length }
}

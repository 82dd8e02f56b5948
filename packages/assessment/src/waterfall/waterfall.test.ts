import { parseProblem, plan, type PlacementProblem } from '@weir/planner'
import { checkPlan } from '@weir/planner/checker'
import { describe, expect, it } from 'vitest'
import { aHost, aMachine, aMonth, anEstate } from '../testing/builders.ts'
import { type AssessmentPolicy, defaultAssessmentPolicy } from './policy.ts'
import { computeWaterfall, type WaterfallStep } from './waterfall.ts'

const usage = { startTime: '2026-03-15T00:00:00Z', stepSeconds: 3600 }
const gibibyte = 2 ** 30

/** Two clusters of four hosts; machines of 4 vCPUs that take turns: those of one half work by day, of the other by night. */
const estate = anEstate(
  Array.from({ length: 64 }, (_, index) =>
    aMachine({
      name: `vm-${index}`,
      clusterId: index < 32 ? 'c1' : 'c2',
      hostId: `h${index % 8}`,
      memory: { sizeBytes: 8 * gibibyte },
      usage: {
        ...usage,
        cpuMhz: Array.from({ length: 31 * 24 }, (_, hour) => (hour % 24 < 12 === (index % 2 === 0) ? 4000 : 200)),
        memoryNeededBytes: Array.from({ length: 31 * 24 }, () => 5 * gibibyte),
      },
    }),
  ),
  Array.from({ length: 8 }, (_, index) => aHost({ name: `h${index}`, clusterId: index < 4 ? 'c1' : 'c2' })),
)

const run = (changes: Partial<AssessmentPolicy> = {}, of = estate, problems: PlacementProblem[] = []) =>
  computeWaterfall(of, { ...defaultAssessmentPolicy, failoverHosts: 0, iterations: 500, ...changes }, (problem) => {
    problems.push(problem)
    const made = plan(parseProblem(problem))
    expect(checkPlan(problem, made)).toEqual([])
    return made
  })

const step = (steps: readonly WaterfallStep[], id: WaterfallStep['id']) => {
  const found = steps.find((each) => each.id === id)
  if (found === undefined) throw new Error(`no step ${id}`)
  return found
}

describe('machines that fit no host', () => {
  it('are named, and neither in the plan nor in its bound', async () => {
    const giant = aMachine({
      name: 'giant',
      id: 'giant',
      clusterId: 'c1',
      hostId: 'h0',
      memory: { sizeBytes: 10_000 * gibibyte },
    })
    const { steps } = await run({}, anEstate([...estate.machines, giant], estate.hosts))
    const { steps: others } = await run()
    for (const [index, each] of steps.entries()) {
      const without = others[index]
      if (each.kind !== 'Taken' || without?.kind !== 'Taken') continue
      expect(each).toMatchObject({ unplaced: ['giant'], hostCount: without.hostCount, bound: without.bound })
      expect(each.gapPercent).toBeGreaterThanOrEqual(0)
    }
  })
})

describe('the waterfall', () => {
  it('counts today from what runs', async () => {
    const { today } = await run()
    expect(today).toMatchObject({ hostCount: 8, idleHostCount: 0, runningCount: 64, cpuCount: 256, coreCount: 128 })
  })

  it('goes from a core for each vCPU to shared time, each step by itself', async () => {
    const { steps } = await run()
    const hosts = steps.flatMap((each) => (each.kind === 'Taken' ? [[each.id, each.hostCount]] : []))
    for (const each of steps) if (each.kind === 'Taken') expect(each.bound).toBeLessThanOrEqual(each.hostCount)
    expect(hosts).toEqual([
      // 16 cores a host and 128 vCPUs a cluster.
      ['OneToOne', 16],
      // As today: 2 vCPUs a core.
      ['TodayOvercommit', 8],
      // A twentieth of each host is set aside: seven machines a host instead of eight.
      ['OneFabric', 10],
      // 99 % of the time 4000 MHz at most: two of four vCPUs.
      ['RightSized', 5],
      // Half works while the other sleeps: 4200 MHz a pair on 40 GHz, less the reserve, at 80 %.
      ['TimeAware', 5],
    ])
  })

  it('counts the hosts that may fail, and certifies every failure', async () => {
    const [without, with1] = [await run(), await run({ failoverHosts: 1 })]
    for (const [index, each] of with1.steps.entries()) {
      const before = without.steps[index]
      if (each.kind !== 'Taken' || before?.kind !== 'Taken') continue
      expect(each.isCertified).toBe(true)
      expect(each.hostCount).toBeGreaterThan(before.hostCount)
      expect(each.bound).toBeGreaterThan(before.bound)
    }
  })

  it('hands each cluster to the planner by itself, then all as one', async () => {
    const problems: PlacementProblem[] = []
    await run({}, estate, problems)
    expect(problems.map(({ metadata, workloads }) => [metadata?.name, workloads.length])).toEqual([
      ['c1', 32],
      ['c2', 32],
      ['c1', 32],
      ['c2', 32],
      ['fabric', 64],
      ['fabric', 64],
      ['fabric', 64],
    ])
    expect(problems.at(-1)?.workloads[0]?.curves?.['mhz']).toHaveLength(744)
  })

  it('says what it refuses, and what would change that', async () => {
    const { steps, claim } = await run()
    expect(step(steps, 'HardwareGeneration')).toMatchObject({
      kind: 'Refused',
      remedy: { text: expect.stringMatching(/target/u) },
    })
    expect(step(steps, 'IdleRetired')).toMatchObject({ kind: 'Refused', reason: { text: expect.stringMatching(/idle/u) } })
    expect(claim.isHalf).toBe(false)
    expect(claim.reasons[0]?.text).toBe('Not 50 % for this estate: hosts change by -38 %, cores by -38 %.')
  })

  it('counts hosts of a type that is called as something that every object has', async () => {
    const targetHosts = [{ name: 'constructor', cores: 64, mhzPerCore: 2500, memoryMebibytes: 1 << 20 }]
    const { steps } = await run({ targetHosts })
    const taken = step(steps, 'HardwareGeneration')
    expect(taken).toMatchObject({ kind: 'Taken', hostsByType: { constructor: 2 }, hostCount: 2, coreCount: 128 })
  })

  it('calls a bigger host no less hardware', async () => {
    const { claim } = await run({ targetHosts: [{ name: 'big', cores: 64, mhzPerCore: 2500, memoryMebibytes: 1 << 20 }] })
    expect(claim.savedHostsPercent).toBeGreaterThan(50)
    expect(claim.savedCoresPercent).toBeLessThan(50)
    expect(claim.isHalf).toBe(false)
  })

  it('takes nothing on a snapshot of usage alone', async () => {
    const bare = anEstate(
      estate.machines.map(({ usage: _measured, ...machine }) => machine),
      estate.hosts,
    )
    const { steps } = await run({}, bare)
    expect(steps.map(({ kind }) => kind)).toEqual(['Taken', 'Taken', 'Taken', 'Refused', 'Refused', 'Refused', 'Refused'])
  })

  it('retires what idles', async () => {
    const idle = Array.from({ length: 32 }, (_, index) =>
      aMachine({
        name: `idle-${index}`,
        hostId: 'h0',
        usage: { startTime: usage.startTime, stepSeconds: 300, cpuMhz: aMonth(() => 20) },
      }),
    )
    const { steps } = await run({}, anEstate([...estate.machines, ...idle], estate.hosts))
    expect(step(steps, 'IdleRetired')).toMatchObject({
      kind: 'Taken',
      assumptions: [{ text: expect.stringMatching(/^32 idle/u) }],
    })
  })

  it('names machines that no host can take, and those without a size', async () => {
    const odd = [
      aMachine({ name: 'giant', hostId: 'h0', memory: { sizeBytes: 512 * gibibyte } }),
      aMachine({ name: 'blank', hostId: 'h0', cpu: {}, memory: {} }),
    ]
    const { steps, leftOut, claim } = await run({}, anEstate([...estate.machines, ...odd], estate.hosts))
    expect(step(steps, 'OneToOne')).toMatchObject({ unplaced: ['giant'] })
    expect(leftOut).toMatchObject([{ machine: 'blank', reason: { text: expect.stringMatching(/no vCPU count/u) } }])
    expect(claim.isHalf).toBe(false)
  })

  it('keeps machines apart that a rule keeps apart today', async () => {
    const problems: PlacementProblem[] = []
    const apart = estate.machines.map((machine, index) =>
      index < 3 ? { ...machine, rules: [{ name: 'anti-affinity web' }] } : machine,
    )
    await run({}, anEstate(apart, estate.hosts), problems)
    expect(problems[0]?.rules).toEqual([
      { type: 'AntiAffinity', name: 'anti-affinity web', workloads: { names: ['vm-0', 'vm-1', 'vm-2'] }, topologyKey: 'host' },
    ])
  })

  it('counts threads where cores are not shown, containers by what they ask for, and what is on every host not at all', async () => {
    const container = (name: string, workload: string) =>
      aMachine({
        id: name,
        name,
        type: 'Container',
        workload,
        hostId: 'n1',
        cpu: { requestMillis: 250 },
        memory: { reservationBytes: gibibyte },
      })
    const node = { id: 'n1', sourceId: 'test', name: 'n1', clusterId: 'c1', threads: 8, memoryBytes: 32 * gibibyte }
    const many = Array.from({ length: 20 }, (_, index) => container(`web-${index}`, 'Deployment/web'))
    const problems: PlacementProblem[] = []
    const { today, steps, leftOut } = await run({}, anEstate([...many, container('logs', 'DaemonSet/logs')], [node]), problems)
    expect(today).toMatchObject({ hostCount: 1, coreCount: 8, runningCount: 20, cpuCount: 5 })
    expect(leftOut.map(({ machine, reason }) => [machine, reason.id])).toEqual([['logs', 'layout.everyHost']])
    expect(problems[0]?.workloads[0]?.requests).toEqual({ cpu: 250, memory: 1024, pods: 1 })
    // Nothing is added for a hypervisor that containers do not have.
    expect(problems.at(-1)?.workloads[0]?.requests['memory']).toBe(1024)
    expect(step(steps, 'OneFabric')).toMatchObject({ kind: 'Taken', hostCount: 1, hostsByType: { '8c-32GiB': 1 } })
    expect(step(steps, 'TimeAware')).toMatchObject({ kind: 'Refused', reason: { id: 'step.noClock' } })
  })

  it('takes no step for hosts of which nothing is known, until some are named', async () => {
    const unknown = anEstate([aMachine()], [])
    const { steps, claim } = await run({}, unknown)
    expect(steps.map(({ kind }) => kind)).toEqual(Array.from({ length: 7 }, () => 'Refused'))
    expect(step(steps, 'OneFabric')).toMatchObject({ reason: { id: 'step.noHosts' } })
    expect(claim).toMatchObject({ savedHostsPercent: 0, isHalf: false, confidence: 'Low' })
    const targetHosts = [{ name: 'big', cores: 32, mhzPerCore: 2500, memoryMebibytes: 262_144 }]
    expect(step((await run({ targetHosts }, unknown)).steps, 'HardwareGeneration')).toMatchObject({ kind: 'Taken', hostCount: 1 })
  })
})

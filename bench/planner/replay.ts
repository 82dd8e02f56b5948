/**
 * An estate sized and placed on one month of usage, as `weir assess` does it, then run through the month after it: hosts against the
 * bound, and what of the later month did not fit. Beside it fixed overcommit, and memory sized by what was active.
 * `--folder DIR` (vms.csv, `cpu_mhz_30min_MONTH.csv`, `mem_active_mib_2h_MONTH.csv`), `--months 2013-07,2013-08`, `--vms all|even|odd`,
 * `--limits 80,90` (how full the summed curve of a host may get), `--host 32,2600,256` (cores, MHz, GiB), `--iterations 20000`.
 */
import { type AssessmentPolicy, computeWaterfall, defaultAssessmentPolicy, rightSize } from '@weir/assessment'
import type { EstateHost } from '@weir/estate'
import { plan, type PlacementPlan, type PlacementProblem } from '@weir/planner'
import { findData } from './find-data.ts'
import { listOption, textOption } from './measure.ts'
import type { MachineShape } from './real-shapes.ts'
import { estateOf, readMonth, readShapes } from './usage-months.ts'

type Month = ReturnType<typeof readMonth>

/** A way to size and place, and the step of the waterfall that shows it. */
interface Layout {
  readonly name: string
  readonly step: 'OneFabric' | 'TimeAware'
  readonly policy: AssessmentPolicy
  readonly isActiveNeed: boolean
}

/** The estate, its hosts, and the two months. */
interface Case {
  readonly shapes: readonly MachineShape[]
  readonly host: EstateHost
  readonly earlier: Month
  readonly later: Month
}

async function replayAll(path: string): Promise<void> {
  const [cores = 32, mhz = 2600, gibibytes = 256] = listOption('host', [32, 2600, 256])
  const [first = '2013-07', second = '2013-08'] = (textOption('months') ?? '2013-07,2013-08').split(',')
  const vms = textOption('vms') ?? 'all'
  const estate: Case = {
    shapes: readShapes(path, gibibytes * 1024, (vm) => vms === 'all' || (vm % 2 === 0) === (vms === 'even')),
    host: { id: 'h1', sourceId: 'replay', name: 'h1', clusterId: 'c1', cores, cpuMhz: mhz, memoryBytes: gibibytes * 2 ** 30 },
    earlier: readMonth(path, first),
    later: readMonth(path, second),
  }
  console.log(`${estate.shapes.length} machines (${vms}), sized on ${first}, judged on ${second}, hosts ${cores}c/${gibibytes}G`)
  for (const layout of layoutsOf(listOption('limits', [defaultAssessmentPolicy.cpuLimitPercent]))) await replay(estate, layout)
}

/** No host is kept for failures: what is measured is how close a fabric may be packed. */
function layoutsOf(limits: readonly number[]): readonly Layout[] {
  const [iterations = 0] = listOption('iterations', [defaultAssessmentPolicy.iterations])
  const policy: AssessmentPolicy = { ...defaultAssessmentPolicy, failoverHosts: 0, iterations }
  return [
    ...[3, 4].map((cpuRatio) => ({
      name: `${cpuRatio}:1 overcommit`,
      step: 'OneFabric' as const,
      policy: { ...policy, cpuRatio },
      isActiveNeed: false,
    })),
    ...limits.flatMap((cpuLimitPercent) =>
      [false, true].map((isActiveNeed) => ({
        name: `curves to ${cpuLimitPercent} %${isActiveNeed ? ', memory by active' : ''}`,
        step: 'TimeAware' as const,
        policy: { ...policy, cpuLimitPercent },
        isActiveNeed,
      })),
    ),
  ]
}

async function replay(estate: Case, layout: Layout): Promise<void> {
  const { shapes, host, earlier, later } = estate
  const source = estateOf(shapes, { month: earlier, host, isActiveNeed: layout.isActiveNeed })
  const plans: PlacementPlan[] = []
  const started = process.cpuUsage()
  const planner = (problem: PlacementProblem): PlacementPlan => {
    const made = plan(problem)
    plans.push(made)
    return made
  }
  const { steps } = await computeWaterfall(source, layout.policy, planner)
  // One group of machines after the first two steps and one cluster before: one plan for each step that was taken.
  const at = steps.filter(({ kind }) => kind === 'Taken').findIndex(({ id }) => id === layout.step)
  const chosen = plans[at]
  if (chosen === undefined) throw new Error(`the estate gives no ground for ${layout.step}`)
  const sizes = new Map(
    source.machines.map((machine) => {
      const { memoryMebibytes: advice } = rightSize(machine, host.cpuMhz, layout.policy.size)
      return [
        machine.id,
        advice.kind === 'Resize' && layout.step === 'TimeAware'
          ? advice.to
          : advice.kind === 'Resize'
            ? advice.from
            : advice.size,
      ]
    }),
  )
  const cpu = overloadOf(chosen, later, (host.cores ?? 0) * (host.cpuMhz ?? 0))
  const over = shapes.filter(({ vm }) => highest(later.memoryActiveMebibytes.get(vm)) > (sizes.get(vm) ?? 0))
  const gibibytes = [...sizes.values()].reduce((sum, size) => sum + size, 0) / 1024
  const { user, system } = process.cpuUsage(started)
  console.log(
    [
      `${layout.name}: ${chosen.score.hostCount} hosts, bound ${chosen.bound.value} by ${chosen.bound.by}, ratio ${(chosen.score.hostCount / chosen.bound.value).toFixed(3)}`,
      `host-half-hours above 100 % CPU ${cpu.above} of ${cpu.all} (${percent(cpu.above, cpu.all)}), the highest ${(100 * cpu.highest).toFixed(0)} %`,
      `machines over their memory ${over.length} (${percent(over.length, shapes.length)}) of ${gibibytes.toFixed(0)} GiB`,
      `${((user + system) / 1e6).toFixed(1)} s CPU`,
    ].join('; '),
  )
}

const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(3)} %`

const highest = (curve: readonly (number | null)[] = []): number =>
  curve.reduce<number>((most, value) => Math.max(most, value ?? 0), 0)

/** Half hours of hosts in which what ran there wanted more than `capacityMhz`. A gap counts as the value before it. */
function overloadOf({ assignments, hosts }: PlacementPlan, { cpuMhz }: Month, capacityMhz: number) {
  const pointCount = Math.max(...[...cpuMhz.values()].map(({ length }) => length))
  const loads = new Map(hosts.map(({ name }) => [name, new Float64Array(pointCount)]))
  for (const [vm, host] of Object.entries(assignments)) {
    const load = loads.get(host)
    let last = 0
    cpuMhz.get(vm)?.forEach((value, point) => {
      last = value ?? last
      if (load !== undefined) load[point] = (load[point] ?? 0) + last
    })
  }
  const all = [...loads.values()].flatMap((load) => [...load])
  return {
    all: all.length,
    above: all.filter((mhz) => mhz > capacityMhz).length,
    highest: highest(all) / capacityMhz,
  }
}

const folder = textOption('folder') ?? findData('bitbrains')
if (folder !== undefined) await replayAll(folder)

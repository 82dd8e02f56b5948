import { at, item } from '../fabric/model/typed-array.ts'
import { plannerVersion } from '../problem.ts'
import { type FillOrder, fillWaves } from './fill-waves.ts'
import { improveWaves } from './improve-waves.ts'
import type { GanttBar, Wave, WavePlan, WaveProblem } from './wave-documents.ts'
import { compileWaves, type WaveModel, windowMebibytes } from './wave-model.ts'
import { WaveState } from './wave-state.ts'

/**
 * Plans in which window each app migrates: apps that belong together in one wave, what is needed before what needs it, within what
 * a window can copy and the staff can cut over, with room on the target after every wave though hosts may fail; pilots first and
 * small, heavy writers alone. Then as little traffic as possible crosses waves. Deterministic.
 */
export function planWaves(problem: WaveProblem): WavePlan {
  const model = compileWaves(problem)
  const state = fillBest(model)
  // Without traffic nothing can cross, and nothing be gained.
  if (problem.dependencies.some(({ weight = 0 }) => weight > 0))
    improveWaves(state, { seed: problem.policy?.seed ?? 1, iterations: problem.policy?.iterations ?? 300_000 })
  const waves = describeWaves(state)
  return {
    apiVersion: plannerVersion,
    kind: 'WavePlan',
    waves,
    groups: model.groups.map(({ group }) => group).filter(({ apps }) => apps.length > 1),
    unplanned: describeUnplanned(state),
    crossWaveWeight: crossWeight(problem, waves),
    boundWaves: fewestWaves(model),
    gantt: [...waves.flatMap((wave) => barsOf(problem, wave)), ...(problem.freezes ?? []).map(toFreeze)],
  }
}

/** By traffic; if that leaves something out, by emptying source hosts, and the one that leaves out less. */
function fillBest(model: WaveModel): WaveState {
  const fill = (order: FillOrder): WaveState => {
    const state = new WaveState(model)
    fillWaves(state, order)
    return state
  }
  const leftOut = ({ waveOf }: WaveState): number => waveOf.filter((wave) => wave < 0).length
  const byNearness = fill('Nearness')
  if (leftOut(byNearness) === 0) return byNearness
  const byFreeing = fill('Freeing')
  return leftOut(byFreeing) < leftOut(byNearness) ? byFreeing : byNearness
}

function describeWaves(state: WaveState): readonly Wave[] {
  const { model } = state
  const used = [...new Set(state.waveOf)].filter((wave) => wave >= 0).toSorted((a, b) => a - b)
  const gone = new Set<string>()
  const hosts = Map.groupBy(model.problem.workloads, ({ sourceHost }) => sourceHost)
  return used.map((wave): Wave => {
    const items = model.groups.filter((_, group) => at(state.waveOf, group) === wave)
    const workloads = items.flatMap((group) => group.workloads)
    const mebibytes = items.reduce((sum, group) => sum + group.mebibytes, 0)
    for (const { name } of workloads) gone.add(name)
    const freed = [...hosts].filter(([host, all]) => host !== undefined && all.every(({ name }) => gone.has(name)))
    for (const [host] of freed) hosts.delete(host)
    return {
      name: `wave-${wave + 1}`,
      type: wave < model.pilotWaves ? 'Pilot' : items.some(({ isHeavy }) => isHeavy) ? 'Heavy' : 'Normal',
      window: item(model.windows, wave),
      apps: items.flatMap(({ group }) => group.apps),
      workloads: workloads.map(({ name }) => name),
      mebibytes,
      transferSeconds: mebibytes / model.problem.limits.transferMebibytesPerSecond,
      freedHosts: freed.flatMap(([host]) => host ?? []),
    }
  })
}

/** Apps whose group has no wave, with the limit that a wave of its own would break. */
function describeUnplanned(state: WaveState): WavePlan['unplanned'] {
  const { model } = state
  const { cutOvers } = model.problem.limits
  const most = Math.max(0, ...model.windows.map((window) => windowMebibytes(model, window)))
  return model.groups.flatMap(({ group, workloads, mebibytes }, index) => {
    if (at(state.waveOf, index) >= 0) return []
    const why =
      workloads.length > cutOvers
        ? `has ${workloads.length} workloads; ${cutOvers} can be cut over in a window: raise the limit or split the group`
        : mebibytes > most
          ? `has ${mebibytes} MiB to copy; the largest window takes ${most}: copy ahead or split the group`
          : 'found no window in which it fits with what it needs and the hosts that are there: add windows or hosts'
    return group.apps.map((app) => ({ app, message: `${group.name} ${why}.` }))
  })
}

function crossWeight({ dependencies }: WaveProblem, waves: readonly Wave[]): number {
  const waveOf = new Map(waves.flatMap(({ name, apps }) => apps.map((app) => [app, name] as const)))
  return dependencies.reduce((sum, { from, to, weight = 0 }) => (waveOf.get(from) === waveOf.get(to) ? sum : sum + weight), 0)
}

/** Pilots and heavy groups have waves of their own; the rest needs copies and cut-overs over what the largest window takes. */
function fewestWaves(model: WaveModel): number {
  const { limits } = model.problem
  const heavy = model.groups.filter(({ isHeavy }) => isHeavy).length
  const rest = model.groups.filter(({ isHeavy }) => !isHeavy)
  const most = Math.max(1, ...model.windows.map((window) => windowMebibytes(model, window)))
  const mebibytes = rest.reduce((sum, group) => sum + group.mebibytes, 0)
  const workloads = rest.reduce((sum, group) => sum + group.workloads.length, 0)
  const pilots = Math.min(model.pilotWaves, rest.length)
  const byCopies = (mebibytes - pilots * most) / most
  const byStaff = (workloads - pilots * Math.min(model.pilotWorkloads, limits.cutOvers)) / limits.cutOvers
  return pilots + heavy + Math.max(0, Math.ceil(byCopies), Math.ceil(byStaff))
}

/** The copy from the start of the window on, the cut-over in what is left of it. */
function barsOf({ windows }: WaveProblem, { name, window, workloads, transferSeconds }: Wave): readonly GanttBar[] {
  const { startSeconds, endSeconds } = item(windows, window)
  const copied = Math.min(endSeconds, startSeconds + transferSeconds)
  return [
    { row: name, type: 'Copy', label: `copy of ${workloads.length}`, startSeconds, endSeconds: copied },
    { row: name, type: 'CutOver', label: `cut-over of ${workloads.length}`, startSeconds: copied, endSeconds },
  ]
}

function toFreeze({ startSeconds, endSeconds }: { readonly startSeconds: number; readonly endSeconds: number }): GanttBar {
  return { row: 'freeze', type: 'Freeze', label: 'freeze', startSeconds, endSeconds }
}

import type { WavePlan, WaveProblem } from '@weir/planner'
import { terminalText } from '../../cli/terminal-text.ts'
import { listed, listLines } from '../../text/list-lines.ts'
import { textTable } from '../../text/text-table.ts'
import { durationText, momentText, type TimeStyle } from './wave-times.ts'

/** A plan of waves with what it is for. */
export interface PlannedWaves {
  readonly problem: WaveProblem
  readonly plan: WavePlan
  /** When the programme starts, milliseconds since the epoch; undefined if only days of it are known. */
  readonly startMillis: number | undefined
}

const mostListed = 20

/** Waves for a terminal: when each is, what goes, how long the copy takes, which hosts it frees; then sums and what has no wave. */
export const wavesText = (planned: PlannedWaves): string =>
  terminalText([...waveLines(planned), ...sumLines(planned), ...unplannedLines(planned.plan)])

function waveLines({ problem, plan, startMillis }: PlannedWaves): readonly string[] {
  if (plan.waves.length === 0) return []
  const style: TimeStyle = { startMillis, language: 'en' }
  const header = ['WAVE', 'TYPE', 'FROM', 'TO', 'MACHINES', 'GIB', 'COPY', 'FREES', 'APPS']
  const rows = plan.waves.map((wave) => {
    const { startSeconds, endSeconds } = problem.windows[wave.window] ?? { startSeconds: 0, endSeconds: 0 }
    return [
      wave.name,
      wave.type,
      momentText(startSeconds, style),
      momentText(endSeconds, style),
      String(wave.workloads.length),
      gibibytes(wave.mebibytes),
      durationText(wave.transferSeconds, 'en'),
      String(wave.freedHosts.length),
      listed(wave.apps, 5),
    ]
  })
  return [...textTable(header, rows), '']
}

function sumLines({ problem, plan }: PlannedWaves): readonly string[] {
  const machines = plan.waves.reduce((sum, { workloads }) => sum + workloads.length, 0)
  const mebibytes = plan.waves.reduce((sum, wave) => sum + wave.mebibytes, 0)
  const weight = problem.dependencies.reduce((sum, { weight: each = 0 }) => sum + each, 0)
  const freed = plan.waves.flatMap(({ freedHosts }) => freedHosts)
  const { limits, target } = problem
  // The bound counts what found no wave as well, and would be above the plan.
  const bound = plan.unplanned.length > 0 ? '' : ` (no plan has fewer than ${plan.boundWaves})`
  return [
    `Waves     ${plan.waves.length}${bound}, ${machines} machines, ${gibibytes(mebibytes)} GiB`,
    ...(weight > 0 ? [`Crossing  ${round(plan.crossWaveWeight)} of ${round(weight)} of the traffic between applications`] : []),
    ...(freed.length > 0 ? [`Frees     ${listed(freed, mostListed)}`] : []),
    `Limits    ${limits.cutOvers} cut-overs and ${round(limits.transferMebibytesPerSecond)} MiB/s a window, ${target.hosts.length} target hosts of which ${target.failoverHosts ?? 0} may fail`,
    ...plan.groups.slice(0, mostListed).map(({ apps, reason }) => `Together  ${listed(apps, mostListed)}: ${groupText[reason]}`),
  ]
}

const groupText = { Together: 'must go in one wave', Cycle: 'each needs the other first, so they go in one wave' } as const

const unplannedLines = ({ unplanned }: WavePlan): readonly string[] =>
  listLines(
    `No wave for ${unplanned.length}:`,
    unplanned.map(({ app, message }) => `${app}: ${message}`),
    { most: mostListed },
  )

const gibibytes = (mebibytes: number): string => (mebibytes / 1024).toFixed(1)
const round = (value: number): string => String(Math.round(value * 1000) / 1000)

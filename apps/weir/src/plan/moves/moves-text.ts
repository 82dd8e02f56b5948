import type { Finding } from '@weir/estate'
import type { MoveOptions, MovePlan, PlacementProblem, PlannedMove } from '@weir/planner'
import { terminalText } from '../../cli/terminal-text.ts'
import { findingLines } from '../../text/finding-lines.ts'
import { listed, listLines } from '../../text/list-lines.ts'
import { textTable } from '../../text/text-table.ts'

/** What the document of a plan does not hold. */
interface Background {
  readonly options: Partial<MoveOptions>
  readonly findings: readonly Finding[]
}

const mostRows = 200
const mostListed = 20

/** A plan of moves for a terminal: each step with its reason, then the sums, what it frees, what it held itself to, and what stays. */
export const movesText = (problem: PlacementProblem, plan: MovePlan, { options, findings }: Background): string =>
  terminalText([
    ...stepLines(plan),
    ...sumLines(problem, plan, options),
    ...heldLines(plan),
    ...findingLines(findings, 'weir plan snapshot shows what was read'),
  ])

function stepLines({ moves }: MovePlan): readonly string[] {
  if (moves.length === 0) return []
  const header = ['STEP', 'START', 'SECONDS', 'WORKLOAD', 'FROM', 'TO', 'GIB', 'GAIN', 'COST', 'REASON']
  const rows = moves
    .slice(0, mostRows)
    .map((move, index) => [
      String(index + 1),
      move.startSeconds.toFixed(0),
      (move.endSeconds - move.startSeconds).toFixed(1),
      move.workload,
      move.from,
      move.to,
      gibibytes(move.mebibytes),
      hostHours(move.gain),
      hostHours(move.cost),
      reasonText(move),
    ])
  const more = moves.length - rows.length
  return [...textTable(header, rows), ...(more > 0 ? [`and ${more} more; -o json shows all`] : []), '']
}

function reasonText({ reason, from, to }: PlannedMove): string {
  switch (reason) {
    case 'Empty':
      return `empties ${from}`
    case 'Drain':
      return `drains ${from}`
    case 'MakeRoom':
      return `makes room on ${from}`
    case 'Stage':
      return `waits on ${to}: two that change places cannot both be first`
    case 'Relieve':
      return `relieves ${from}, which is too full`
    case 'Balance':
      return `${from} is fuller than ${to}`
  }
}

function sumLines(problem: PlacementProblem, plan: MovePlan, options: Partial<MoveOptions>): readonly string[] {
  const { moves, bound, benefit, makespanSeconds, emptiedHosts, limits, cooldown } = plan
  const mebibytes = moves.reduce((sum, move) => sum + move.mebibytes, 0)
  const least =
    bound.moveCount > 0 ? ` (no plan frees as much with less than ${bound.moveCount} and ${gibibytes(bound.mebibytes)} GiB)` : ''
  const sums =
    moves.length === 0
      ? [`Moves     none: ${whyNone(problem, plan, options)}`]
      : [
          `Moves     ${moves.length}, ${gibibytes(mebibytes)} GiB${least}`,
          `Time      ${makespanSeconds.toFixed(0)} s (no order of these moves takes less than ${bound.makespanSeconds.toFixed(0)} s)`,
          `Worth     ${hostHours(benefit.gain)} gained for ${hostHours(benefit.cost)}, in hours of one running host`,
        ]
  return [
    ...sums,
    ...(emptiedHosts.length > 0 ? [`Frees     ${listed(emptiedHosts, mostListed)}`] : []),
    `Limits    ${limits.outPerHost} out of and ${limits.inPerHost} into a host, ${limits.cluster} at once, ${limits.moveMebibytesPerSecond} MiB/s a move, ${limits.linkMebibytesPerSecond} MiB/s a link`,
    `Cooldown  ${cooldown.baseSeconds} s after a move, doubled up to ${cooldown.maxSeconds} s`,
  ]
}

function whyNone({ hosts = [] }: PlacementProblem, { goal, held }: MovePlan, { hysteresis }: Partial<MoveOptions>): string {
  switch (goal) {
    case 'Consolidate':
      return `no host that is used below ${hysteresis?.emptyBelowPercent} % can be emptied into others filled up to ${hysteresis?.fillUpToPercent} % for less than it saves`
    case 'Drain':
      return held.length > 0
        ? 'what is left cannot leave'
        : `${listed(
            hosts.flatMap(({ name, state }) => (state === 'Maintenance' ? name : [])),
            mostListed,
          )} runs nothing that moves`
    case 'Rebalance':
      return `no host is used above ${hysteresis?.fillUpToPercent} %, and no move between hosts is worth its cost`
  }
}

const heldLines = ({ held }: MovePlan): readonly string[] =>
  listLines(
    `Stays (${held.length}):`,
    held.map(({ reason, message }) => `${reason}: ${message}`),
    { most: mostListed },
  )

const gibibytes = (mebibytes: number): string => (mebibytes / 1024).toFixed(1)
const hostHours = (seconds: number): string => (seconds / 3600).toFixed(2)

import type { BoundArgument, PlacementPlan, PlacementProblem, PlacementReason } from '@weir/planner'
import { terminalText } from '../cli/terminal-text.ts'
import { textTable } from '../text/text-table.ts'
import { failoverLines } from './failover-lines.ts'

const mostRows = 50

/** A plan for a terminal: its hosts with their loads, what found no place and why, what is in conflict, its cost, its bound, and failures. */
export const planText = (problem: PlacementProblem, plan: PlacementPlan): string =>
  terminalText([
    ...hostLines(problem, plan),
    ...unplacedLines(plan),
    ...conflictLines(plan),
    '',
    ...scoreLines(problem, plan),
    ...failoverLines(problem, plan),
    runLine(plan),
  ])

function hostLines({ resources }: PlacementProblem, { hosts }: PlacementPlan): readonly string[] {
  const header = ['HOST', 'TYPE', 'WORKLOADS', ...resources.map(columnTitle)]
  const rows = hosts.slice(0, mostRows).map(({ name, type, workloadCount, peak, usable }) => [
    name,
    type,
    String(workloadCount),
    ...resources.map((resource) => {
      const [used, room] = [peak[resource.name] ?? 0, usable[resource.name] ?? 0]
      return `${used}/${room}${room > 0 ? ` ${Math.round((100 * used) / room)} %` : ''}`
    }),
  ])
  const more = hosts.length - rows.length
  return [...textTable(header, rows), ...(more > 0 ? [`and ${more} more; -o json shows all`] : [])]
}

const columnTitle = ({ name, unit }: PlacementProblem['resources'][number]): string =>
  name === unit ? name.toUpperCase() : `${name.toUpperCase()} (${unit})`

function unplacedLines({ unplaced }: PlacementPlan): readonly string[] {
  if (unplaced.length === 0) return []
  const lines = unplaced
    .slice(0, mostRows)
    .flatMap(({ workload, reasons }) => [
      `  ${workload}`,
      ...reasons.slice(0, 5).map(({ host, constraint, message }) => `    ${host}: ${constraint}: ${message}`),
    ])
  return ['', `No place for ${unplaced.length}:`, ...lines]
}

/** Why nothing could place everything, or that nobody knows. */
function conflictLines({ infeasibility }: PlacementPlan): readonly string[] {
  if (infeasibility === undefined) return []
  const { conflicts, stepCount } = infeasibility
  if (conflicts.length === 0)
    return [
      '',
      `Nothing was found in ${stepCount} steps that makes it impossible: more iterations or another seed may place more.`,
    ]
  return ['', 'No plan can place everything:', ...conflicts.map(({ message }) => `  ${message}`)]
}

function scoreLines(problem: PlacementProblem, { score, bound, unplaced, hosts }: PlacementPlan): readonly string[] {
  const terms = [
    `${score.hostCount} hosts${newHosts(problem, hosts)}`,
    ...(problem.hostTypes.some(({ price }) => price !== undefined) ? [`price ${score.price}`] : []),
    ...(score.licencePrice > 0 ? [`licences ${score.licencePrice}`] : []),
    ...(score.watts > 0 ? [`${score.watts} W`] : []),
    ...(score.moveMebibytes > 0 ? [`${score.moveMebibytes} MiB to move`] : []),
  ]
  const proof = `Bound     ${bound.value}, by ${argumentWords[bound.by]} (${bound.by})`
  return [
    `Plan      ${terms.join(', ')}`,
    unplaced.length > 0
      ? `${proof}, for a plan that places everything`
      : `${proof}: ${bound.gapPercent > 0 ? `no plan is below it, this one is ${bound.gapPercent.toFixed(1)} % above` : 'no plan is better'}`,
  ]
}

/** How many of the hosts are not among those that the problem lists, if it lists any. */
function newHosts({ hosts = [] }: PlacementProblem, planned: PlacementPlan['hosts']): string {
  const known = new Set(hosts.map(({ name }) => name))
  const added = planned.filter(({ name }) => !known.has(name)).length
  return known.size === 0 || added === 0 ? '' : ` (${added} of them new)`
}

const argumentWords: Readonly<Record<BoundArgument, string>> = {
  Volume: 'sums of demand',
  DualFeasible: 'what can share a host',
  Waste: 'room that nothing can use',
  Time: 'the demand of one moment',
  Devices: 'devices of a model',
  Cover: 'the cheapest mix of hosts',
  Group: 'what must be apart',
  Licences: 'what licences cost',
  ClosedSets: 'host sets that are closed',
  Failover: 'the hosts that may fail',
}

const runLine = ({ run }: PlacementPlan): string =>
  `Run       seed ${run.seed}, ${run.iterations} iterations${run.isCutShort ? ', cut short' : ''}, hash ${run.hash.slice(0, 12)}`

/** Why a workload is where it is and nowhere else. */
export function explanationText(plan: PlacementPlan, workload: string, reasons: readonly PlacementReason[]): string {
  const own = Object.hasOwn(plan.assignments, workload) ? plan.assignments[workload] : undefined
  const rows = reasons.map(({ host, constraint, message }) => [host, constraint, message])
  return terminalText([
    own === undefined ? `${workload} has no place.` : `${workload} is on ${own}.`,
    '',
    ...textTable(['NOT ON', 'BECAUSE OF', 'REASON'], rows),
  ])
}

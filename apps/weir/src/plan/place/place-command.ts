import { WeirError } from '@weir/base'
import type { Finding } from '@weir/estate'
import { terminalText } from '../../cli/terminal-text.ts'
import { findingLines } from '../../text/finding-lines.ts'
import { openFabric, type SourceFlags } from '../fabric/open-fabric.ts'
import { textTable } from '../../text/text-table.ts'
import { decide, type PlacementDecision, type PlacementDecisions } from './decisions.ts'
import { type Newcomers, readManifest } from './read-manifest.ts'
import { type WantedFlags, wantedWorkloads } from './wanted-workloads.ts'

/** The flags of `plan place`, as commander gives them. */
export interface PlaceFlags extends SourceFlags, WantedFlags {
  readonly output: 'table' | 'json'
  readonly explain?: boolean
}

/**
 * Places single workloads on a fabric as it runs and prints where they go and why. Ends with 1 if one has no place.
 * @throws as `openFabric` and `wantedWorkloads`
 */
export async function runPlace(names: readonly string[], flags: PlaceFlags): Promise<void> {
  const newcomers = flags.manifest === undefined ? undefined : await readNewcomers(flags.manifest, flags)
  const { problem, findings, plainSelector } = await openFabric(
    newcomers === undefined ? flags : withoutNamespace(flags),
    newcomers?.objects,
  )
  const wanted = [...names, ...(newcomers?.names ?? [])]
  const workloads = await wantedWorkloads({ problem, plainSelector }, wanted, flags)
  const document = decide(problem, workloads, { withAllReasons: flags.explain === true })
  const hostCount = problem.hosts?.length ?? 0
  process.stdout.write(
    flags.output === 'json'
      ? `${JSON.stringify(document, undefined, 2)}\n`
      : placeText(document, { hostCount, findings, isExplained: flags.explain === true }),
  )
  if (document.decisions.some(({ kind }) => kind === 'Unplaced')) process.exitCode = 1
}

/** @throws CLI_USAGE without a live cluster, whose rules a manifest refers to */
async function readNewcomers(file: string, { cluster, namespace = 'default' }: PlaceFlags): Promise<Newcomers> {
  if (cluster !== true) throw new WeirError('CLI_USAGE', '--manifest needs --cluster: its rules refer to what a cluster runs')
  return await readManifest(file, namespace)
}

/** With a manifest the namespace says where its objects will be, not what is looked at. */
const withoutNamespace = ({ namespace: _ofManifest, ...flags }: PlaceFlags): PlaceFlags => flags

interface Background {
  readonly hostCount: number
  readonly isExplained: boolean
  readonly findings: readonly Finding[]
}

function placeText({ decisions }: PlacementDecisions, { hostCount, isExplained, findings }: Background): string {
  const header = ['WORKLOAD', 'HOST', 'STRANDS', 'LEAVES', 'RAISES', 'NOT ON']
  const rows = decisions.map((decision) => [
    decision.workload,
    ...(decision.kind === 'Placed'
      ? [decision.host, ...[decision.score.stranding, decision.score.fit, decision.score.curve].map(termText)]
      : ['none', '', '', '']),
    refusedText(decision, hostCount),
  ])
  return terminalText([...textTable(header, rows), ...reasonLines(decisions, isExplained), ...findingLines(findings, '')])
}

/** A term of a score; what rounds to nothing has no sign. */
const termText = (term: number): string => (Math.round(term * 1000) / 1000 + 0).toFixed(3)

function refusedText({ refusedBy }: PlacementDecision, hostCount: number): string {
  const counts = Object.entries(refusedBy)
  const sum = counts.reduce((total, [, count]) => total + count, 0)
  if (sum === 0) return hostCount === 0 ? 'there is no host' : 'all hosts would take it'
  return `${sum} of ${hostCount}: ${counts.map(([constraint, count]) => `${constraint} ${count}`).join(', ')}`
}

/** Why what has no place has none; with `--explain`, why anything is not elsewhere. */
function reasonLines(decisions: readonly PlacementDecision[], isExplained: boolean): readonly string[] {
  const shown = decisions.filter(({ kind, reasons }) => reasons.length > 0 && (isExplained || kind === 'Unplaced'))
  return shown.flatMap(({ workload, reasons }) => [
    '',
    `${workload} is not on`,
    ...textTable(
      ['HOST', 'BECAUSE OF', 'REASON'],
      reasons.map(({ host, constraint, message }) => [host, constraint, message]),
    ).map((line) => `  ${line}`),
  ])
}

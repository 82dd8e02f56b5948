import type { Fabric } from '@weir/assessment'
import { WeirError } from '@weir/base'
import { type Amounts, parseProblem, type PlacementProblem, type Workload } from '@weir/planner'
import { readDocument } from '../../document/read-document.ts'

/** Which workloads are to be placed: some of the problem by name, new ones by their requests, and those of a file. */
export interface WantedFlags {
  readonly manifest?: string
  readonly request?: readonly NamedRequest[]
  readonly workloads?: string
}

/** `NAME=RESOURCE:AMOUNT,…` of a flag. */
export interface NamedRequest {
  readonly name: string
  readonly requests: Amounts
}

const fileBytesMax = 64 * 2 ** 20

/**
 * The workloads to place, in the order in which they are named; all of the problem that have no host, if none is named.
 * @throws CLI_USAGE for a name that the problem lacks or that runs already; PLAN_PROBLEM_INVALID for new ones that break its rules
 */
export async function wantedWorkloads(
  { problem, plainSelector }: Pick<Fabric, 'problem' | 'plainSelector'>,
  names: readonly string[],
  { request = [], workloads: file }: WantedFlags,
): Promise<readonly Workload[]> {
  const known = new Map(problem.workloads.map((workload) => [workload.name, workload]))
  const named = names.map((name) => waiting(known.get(name), name))
  const fromFile =
    file === undefined ? [] : listOf(await readDocument(file, { code: 'PLAN_PROBLEM_INVALID', bytesMax: fileBytesMax }))
  const fresh = parseFresh(problem, [...fromFile, ...request])
  const twice = fresh.find(({ name }) => known.has(name))
  if (twice !== undefined)
    throw new WeirError('CLI_USAGE', `the problem has a workload '${twice.name}' already; give the new one another name`)
  // Of a live cluster: what says nothing of hosts tolerates none of their taints.
  const wanted = [...named, ...fresh.map((workload) => ({ hostSelector: plainSelector, ...workload }))]
  if (wanted.length > 0) return wanted
  const open = problem.workloads.filter(({ currentHost }) => currentHost === undefined)
  if (open.length === 0)
    throw new WeirError(
      'CLI_USAGE',
      'everything has a host; name a new workload with --request NAME=cpu:2000,memory:4096 or --workloads FILE',
    )
  return open
}

function waiting(workload: Workload | undefined, name: string): Workload {
  if (workload === undefined)
    throw new WeirError('CLI_USAGE', `there is no workload '${name}'; a new one is described with --request or --workloads`)
  if (workload.currentHost !== undefined)
    throw new WeirError('CLI_USAGE', `'${name}' runs on ${workload.currentHost} already; 'weir plan rebalance' moves what runs`)
  return workload
}

const listOf = (document: unknown): readonly unknown[] =>
  Array.isArray(document) ? (document as readonly unknown[]) : [document]

/** New workloads by the rules of the problem: its resources, its timeline, and names of their own. */
function parseFresh(
  { apiVersion, kind, resources, timeline, hostTypes }: PlacementProblem,
  workloads: readonly unknown[],
): readonly Workload[] {
  if (workloads.length === 0) return []
  const alone = { apiVersion, kind, resources, hostTypes, workloads, ...(timeline === undefined ? {} : { timeline }) }
  const { workloads: parsed } = parseProblem(alone)
  const placed = parsed.findIndex(({ currentHost }) => currentHost !== undefined)
  if (placed < 0) return parsed
  const message = 'may not be set: a new workload has no host yet'
  const field = `workloads[${placed}].currentHost`
  throw new WeirError('PLAN_PROBLEM_INVALID', `The new workloads cannot be placed: \`${field}\` ${message}.`, {
    causes: [{ field, message }],
  })
}

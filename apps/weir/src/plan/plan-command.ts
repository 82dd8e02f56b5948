import { availableParallelism } from 'node:os'
import { WeirError } from '@weir/base'
import { explain, type PlacementPlan, type PlacementProblem } from '@weir/planner'
import { planOnThreads } from '@weir/planner/threads'
import { terminalText } from '../cli/terminal-text.ts'
import type { PlanFlags } from './commands.ts'
import { findingLines } from '../text/finding-lines.ts'
import { openFabric } from './fabric/open-fabric.ts'
import { explanationText, planText } from './plan-text.ts'

/** Reads a placement problem, plans it, and prints the plan or the reasons for one workload. @throws PLAN_*, CLI_USAGE; as `openFabric` */
export async function runPlan(flags: PlanFlags): Promise<void> {
  const { problem: found, findings } = await openFabric(flags)
  const problem = withFlags(found, flags)
  if (flags.explain !== undefined && !problem.workloads.some(({ name }) => name === flags.explain))
    throw new WeirError('CLI_USAGE', `--explain names '${flags.explain}', which is no workload of the problem`)
  const made = await search(problem, flags.workers ?? availableParallelism())
  const lines = flags.output === 'json' ? [] : findingLines(findings, 'weir plan snapshot shows what was read')
  process.stdout.write(shown(problem, made, flags) + terminalText(lines))
  if (made.unplaced.length > 0 || made.certificates.some(({ unplaced }) => unplaced.length > 0)) process.exitCode = 1
}

/** Ends at the seconds of the policy, if it has any; an interrupt ends it with the best plan so far, a second one ends the process. */
async function search(problem: PlacementProblem, workers: number): Promise<PlacementPlan> {
  const begun = performance.now()
  const abort = new AbortController()
  const interrupt = () => abort.abort()
  process.once('SIGINT', interrupt)
  try {
    return await planOnThreads(problem, {
      workers,
      signal: abort.signal,
      elapsedSeconds: () => (performance.now() - begun) / 1000,
    })
  } finally {
    process.off('SIGINT', interrupt)
  }
}

function withFlags(problem: PlacementProblem, { seed, iterations, seconds }: PlanFlags): PlacementProblem {
  const { policy = {} } = problem
  return {
    ...problem,
    policy: {
      ...policy,
      ...(seed === undefined ? {} : { seed }),
      budget: {
        ...policy.budget,
        ...(iterations === undefined ? {} : { iterations }),
        ...(seconds === undefined ? {} : { seconds }),
      },
    },
  }
}

function shown(problem: PlacementProblem, made: PlacementPlan, { output, explain: workload }: PlanFlags): string {
  if (workload !== undefined) {
    const reasons = explain(problem, made, workload)
    return output === 'json' ? `${JSON.stringify(reasons, undefined, 2)}\n` : explanationText(made, workload, reasons)
  }
  return output === 'json' ? `${JSON.stringify(made, undefined, 2)}\n` : planText(problem, made)
}

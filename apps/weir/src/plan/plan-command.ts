import { WeirError } from '@weir/base'
import { explain, parseProblem, type PlacementPlan, type PlacementProblem, plan } from '@weir/planner'
import type { PlanFlags } from './commands.ts'
import { explanationText, planText } from './plan-text.ts'
import { readDocument } from './read-document.ts'

const problemBytesMax = 512 * 2 ** 20

/** Reads a placement problem, plans it, and prints the plan or the reasons for one workload. @throws PLAN_*, CLI_USAGE */
export async function runPlan(flags: PlanFlags): Promise<void> {
  const document = await readDocument(flags.problem, { code: 'PLAN_PROBLEM_INVALID', bytesMax: problemBytesMax })
  const problem = withFlags(parseProblem(document), flags)
  if (flags.explain !== undefined && !problem.workloads.some(({ name }) => name === flags.explain))
    throw new WeirError('CLI_USAGE', `--explain names '${flags.explain}', which is no workload of the problem`)
  const made = search(problem)
  process.stdout.write(shown(problem, made, flags))
  if (made.unplaced.length > 0) process.exitCode = 1
}

/** Ends at the seconds of the policy, if it has any. */
function search(problem: PlacementProblem): PlacementPlan {
  const begun = performance.now()
  return plan(problem, { elapsedSeconds: () => (performance.now() - begun) / 1000 })
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

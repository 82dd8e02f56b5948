import { type CoverSolver, plan, type PlacementPlan, type PlacementProblem } from '@weir/planner'
import { checkPlan } from '@weir/planner/checker'
import { planOnThreads } from '@weir/planner/threads'

/** A plan and what it took. */
export interface Measured {
  readonly plan: PlacementPlan
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

/** CPU seconds of this process: on a shared machine they say more than the clock. */
const cpuSeconds = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/**
 * Plans `problem`, has the checker count it anew, and prints one line: cost, bound, ratio, peers. `--workers N` plans on N threads within
 * `seconds` of the clock; without it one thread has `seconds` of CPU time. Throws if the checker finds anything wrong.
 */
export async function measurePlan(
  name: string,
  problem: PlacementProblem,
  more: {
    readonly seconds: number
    readonly seed: number
    readonly solveCover?: CoverSolver
    readonly peers?: Readonly<Record<string, number>>
  },
): Promise<Measured> {
  const [workers = 0] = listOption('workers', [0])
  const started = cpuSeconds()
  const clock = performance.now()
  const wallSeconds = () => (performance.now() - clock) / 1000
  const policy = { ...problem.policy, seed: more.seed, budget: { iterations: 1e9, seconds: more.seconds } }
  const options = {
    elapsedSeconds: workers > 0 ? wallSeconds : () => cpuSeconds() - started,
    ...(more.solveCover === undefined ? {} : { solveCover: more.solveCover }),
  }
  const asked = { ...problem, policy }
  const result = workers > 0 ? await planOnThreads(asked, { ...options, workers }) : plan(asked, options)
  const measured = { plan: result, cpuSeconds: cpuSeconds() - started, wallSeconds: wallSeconds() }
  const cost = problem.policy?.objective === 'Price' ? result.score.price : result.score.hostCount
  const ratio = (value: number) => (value / result.bound.value).toFixed(4)
  const peers = Object.entries(more.peers ?? {}).map(([peer, hosts]) => `${peer} ${hosts} (${ratio(hosts)})`)
  console.log(
    [
      `${name} seed ${more.seed}: ${cost}, bound ${result.bound.value} by ${result.bound.by}, ratio ${ratio(cost)}`,
      `${result.unplaced.length} unplaced, ${result.run.iterations} iterations, ${measured.cpuSeconds.toFixed(1)} s CPU, ${measured.wallSeconds.toFixed(1)} s`,
      ...peers,
    ].join('; '),
  )
  const violations = checkPlan(asked, result)
  if (violations.length > 0) throw new Error(`the checker found ${JSON.stringify(violations.slice(0, 3))}`)
  return measured
}

/** The mean of numbers. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

/** Hosts or price over the bound. */
export const ratioOf = ({ plan }: Measured): number => 1 + plan.bound.gapPercent / 100

/** What follows `--name` on the command line; undefined without it. */
export function textOption(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}

/** Numbers after `--name` on the command line, separated by commas. */
export const listOption = (name: string, fallback: readonly number[]): readonly number[] =>
  textOption(name)?.split(',').map(Number) ?? fallback

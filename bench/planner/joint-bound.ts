import type { Highs } from 'highs'
import type { HostType, PlacementProblem } from '@weir/planner'

/** A host as it is found, in mebibytes. */
interface HostLoad {
  readonly machineCount: number
  readonly mebibytes: number
  /** Memory that is free. */
  readonly hole: number
  readonly machines: readonly number[]
}

/** What emptying `count` hosts takes at least: of moves, of mebibytes, and of both at once. */
export interface LeastMoves {
  readonly count: number
  readonly moves: number
  readonly mebibytes: number
  /**
   * No plan that empties `count` hosts has both its moves over `moves` and its mebibytes over `mebibytes` below this: the worse of the two
   * ratios is at least as much, whatever hosts are chosen and wherever their machines go.
   */
  readonly joint: number
}

/** Machines are large from these shares of a host's memory on. */
const largeShares = [1 / 6, 1 / 8] as const

/** By how much HiGHS may miss the optimum. */
const solverGap = 1e-4

/**
 * The least that emptying `count` hosts of one type takes. Every machine of an emptied host moves once at least, so the sums of the
 * smallest hosts are bounds, and any mix of both sums is one too: the best mix is the joint bound. Where the largest machines are larger than
 * the mean hole, HiGHS proves more: it knows that a large machine takes a hole that is large enough, or others have to leave.
 */
export function leastMoves(problem: PlacementProblem, type: HostType, count: number, highs: Highs): LeastMoves {
  const hosts = readHosts(problem, type)
  const least = (value: (host: HostLoad) => number): number =>
    hosts
      .map(value)
      .toSorted((a, b) => a - b)
      .slice(0, count)
      .reduce((sum, next) => sum + next, 0)
  const moves = least((host) => host.machineCount)
  const mebibytes = least((host) => host.mebibytes)
  const mixes = Array.from({ length: 1001 }, (_, step) =>
    least((host) => ((step / 1000) * host.machineCount) / moves + ((1 - step / 1000) * host.mebibytes) / mebibytes),
  )
  const largest = hosts.reduce((most, host) => Math.max(most, ...host.machines), 0)
  const meanHole = hosts.reduce((sum, { hole }) => sum + hole, 0) / hosts.length
  const proven = largest > meanHole ? solveWithHoles(hosts, { count, moves, mebibytes }, memoryOf(type), highs) : 1
  return { count, moves, mebibytes, joint: Math.max(proven, ...mixes) }
}

const memoryOf = ({ capacity, reserve }: HostType): number => (capacity['memory'] ?? 0) - (reserve?.['memory'] ?? 0)

function readHosts({ hosts = [], workloads }: PlacementProblem, type: HostType): readonly HostLoad[] {
  const byHost = Map.groupBy(workloads, ({ currentHost }) => currentHost)
  return hosts.map(({ name }) => {
    const machines = (byHost.get(name) ?? []).map(({ requests }) => requests['memory'] ?? 0)
    const mebibytes = machines.reduce((sum, next) => sum + next, 0)
    return { machineCount: machines.length, mebibytes, hole: memoryOf(type) - mebibytes, machines }
  })
}

/** Large machines that come to a host: how many of each class, and what others have to send away for them. */
interface Arrival {
  readonly counts: readonly number[]
  readonly missing: number
}

/**
 * The integer programme: `x` empties a host, `z` lets large machines come to one that stays, `e` is one more of them on a host that others
 * leave already. As much of each class comes as leaves; large machines count in all smaller classes too. 1 if HiGHS does not finish.
 */
function solveWithHoles(
  hosts: readonly HostLoad[],
  least: { readonly count: number; readonly moves: number; readonly mebibytes: number },
  memory: number,
  highs: Highs,
): number {
  const all = hosts.flatMap(({ machines }) => machines)
  const classes = largeShares
    .map((share) => share * memory)
    .map((from) => ({ from, size: Math.min(...all.filter((size) => size >= from)) }))
  const sent: string[] = []
  const moved: string[] = []
  const balance: string[][] = classes.map(() => [])
  const oneUse: string[] = []
  const binary: string[] = []
  for (const [at, host] of hosts.entries()) {
    binary.push(`x${at}`)
    sent.push(`${host.mebibytes / least.mebibytes} x${at}`)
    moved.push(`${host.machineCount / least.moves} x${at}`)
    for (const [index, { from }] of classes.entries()) {
      balance[index]?.push(`- ${host.machines.filter((size) => size >= from).length} x${at}`)
    }
    const names = arrivalsAt(
      host,
      classes.map(({ size }) => size),
    ).map(({ counts, missing }, number) => {
      const name = `z${at}_${number}`
      if (missing > 0) sent.push(`${missing / least.mebibytes} ${name}`)
      if (missing > 0) moved.push(`${1 / least.moves} ${name}`)
      for (const index of classes.keys()) balance[index]?.push(`+ ${sumOf(counts.slice(0, index + 1))} ${name}`)
      return name
    })
    binary.push(...names)
    oneUse.push(`h${at}: ${[`x${at}`, ...names].join(' + ')} <= 1`)
  }
  for (const [index, { size }] of classes.entries()) {
    sent.push(`${size / least.mebibytes} e${index}`)
    for (const other of classes.keys()) if (other >= index) balance[other]?.push(`+ 1 e${index}`)
  }
  const program = [
    'Minimize obj: t',
    'Subject To',
    `count: ${hosts.map((_, at) => `x${at}`).join(' + ')} = ${least.count}`,
    `sent: ${sent.join(' + ')} - t <= 0`,
    `moved: ${moved.join(' + ')} - t <= 0`,
    ...balance.map((terms, index) => `large${index}: ${terms.join(' ')} >= 0`),
    ...oneUse,
    'Binary',
    binary.join(' '),
    'End',
  ].join('\n')
  const solution = highs.solve(program, { time_limit: 60, mip_rel_gap: solverGap })
  return solution.Status === 'Optimal' ? solution.ObjectiveValue * (1 - solverGap) : 1
}

/**
 * What may come to a host: as many large machines as its hole takes, or as many as make others leave where one less would not. What comes
 * beyond that makes as much leave as it is large.
 */
function arrivalsAt({ hole }: HostLoad, sizes: readonly number[]): readonly Arrival[] {
  const [first = 1, second = 1] = sizes
  const arrivals: Arrival[] = []
  for (let a = 0; (a - 1) * first < hole; a++) {
    for (let b = 0; b === 0 || a * first + (b - 1) * second < hole; b++) {
      const missing = a * first + b * second - hole
      const isMinimal = (a === 0 || missing <= first) && (b === 0 || missing <= second)
      const isMaximal = missing <= 0 && missing + first > 0 && missing + second > 0
      if (a + b > 0 && (missing > 0 ? isMinimal : isMaximal)) arrivals.push({ counts: [a, b], missing: Math.max(0, missing) })
    }
  }
  return arrivals
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

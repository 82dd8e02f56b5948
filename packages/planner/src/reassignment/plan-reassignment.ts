import { f64, i32 } from '../compile/typed-array.ts'
import { createRandom, type Random } from '../search/random.ts'
import { createLoads, type Loads } from './loads.ts'
import { createMoveCosts, type MoveCosts } from './move-costs.ts'
import { possibleHosts } from './possible-hosts.ts'
import type { ReassignmentProblem } from './problem.ts'
import { momentAt } from './schedule.ts'
import { createServiceRules, type ServiceRules } from './service-rules.ts'
import { memberCount, type ReassignmentTables, tablesOf } from './tables.ts'

/** How long to search, and what the world outside lends. */
export interface ReassignmentOptions {
  /** Any 32-bit number. */
  readonly seed: number
  /** Moves that are looked at; rounded up to whole rounds of a 500th of them, at most 65,536. */
  readonly iterations: number
  /** Share of the time that is over, 0 to 1: where it runs ahead of the iterations, the search hurries. */
  readonly elapsedShare?: () => number
  /** An `AbortSignal`, or anything with its flag: once set, the best so far is returned. */
  readonly signal?: { readonly aborted: boolean }
}

/** Who is where, and what that costs. */
export interface Reassignment {
  /** Host of each process. */
  readonly hosts: readonly number[]
  /** Load, balance and moves, weighted. */
  readonly cost: number
  readonly iterations: number
}

/** Moves between two looks at the clock and the schedule: at most so many, and rounds enough for the schedule to fall slowly. */
const longestRound = 65_536
const fewestRounds = 500
/** Of 256 moves: those of one process, and exchanges within one service. The others are exchanges of any two. */
const shifts = 100
const exchangesWithin = 50
/** How often a partner or a host is drawn anew that a process could never go to. */
const mostDraws = 8

/**
 * The cheapest reassignment found, at worst `problem.start`, which must break no rule: all capacities hold, transient ones with the
 * process on both hosts; conflicts, spread and dependencies too. Simulated annealing (Kirkpatrick et al. 1983) on moves and exchanges, in
 * which capacities may be exceeded for a price that rises until none is. The same problem, seed and iterations give the same result where no
 * clock is lent. Good results come from hundreds of thousands of iterations for each process.
 */
export function planReassignment(problem: ReassignmentProblem, options: ReassignmentOptions): Reassignment {
  const tables = tablesOf(problem)
  const possible = possibleHosts(tables)
  const start = Int32Array.from(problem.start)
  let walk = createWalk(problem, tables, start)
  let best = { hosts: start.slice(), cost: walk.cost() }
  const round = Math.min(longestRound, Math.ceil(Math.max(1, options.iterations) / fewestRounds))
  let iterations = 0
  let share = 0
  let cycle = 0
  const random = createRandom(options.seed, 0, 0)
  while (share < 1 && start.length > 0 && options.signal?.aborted !== true) {
    const moment = momentAt(share, tables)
    if (moment.cycle !== cycle && best.cost < walk.costWith(hard)) walk = createWalk(problem, tables, best.hosts.slice())
    cycle = moment.cycle
    walk.loads.setPenalty(moment.penalty)
    wander(walk, tables, { random, possible, round, temperature: moment.temperature })
    iterations += round
    share = Math.max(iterations / options.iterations, options.elapsedShare?.() ?? 0)
    if (moment.isStrict && walk.loads.excess() === 0) {
      const cost = walk.cost()
      if (cost < best.cost) best = { hosts: walk.hostOf.slice(), cost }
    }
  }
  return { hosts: [...best.hosts], cost: best.cost, iterations }
}

/** A unit above capacity, when a walk is compared with what holds. */
const hard = 1e6

/** A state and what is known of it. */
interface Walk {
  readonly hostOf: Int32Array
  readonly loads: Loads
  readonly rules: ServiceRules
  readonly moves: MoveCosts
  readonly cost: () => number
  readonly costWith: (penalty: number) => number
}

function createWalk(problem: ReassignmentProblem, tables: ReassignmentTables, hostOf: Int32Array): Walk {
  const loads = createLoads(tables, problem.balances, hostOf)
  const moves = createMoveCosts(tables, problem.weights, hostOf)
  const cost = (): number => loads.cost() + moves.cost()
  return {
    hostOf,
    loads,
    rules: createServiceRules(tables, hostOf),
    moves,
    cost,
    costWith: (penalty) => cost() + penalty * loads.excess(),
  }
}

function apply({ hostOf, loads, rules, moves }: Walk, process: number, to: number): void {
  loads.move(process, to)
  rules.move(process, to)
  moves.move(process, to)
  hostOf[process] = to
}

/** One round. How much worse a move may be is drawn first, so that most moves are dropped before they are fully counted. */
function wander(walk: Walk, tables: ReassignmentTables, { random, possible, round, temperature }: Round): void {
  const { processCount, hostCount, serviceOf, members } = tables
  const { hostOf } = walk
  const mayEnter = (process: number, host: number): boolean => possible[process * hostCount + host] === 1
  for (let count = 0; count < round; count++) {
    const limit = temperature * f64(exponential, random.below(exponential.length))
    const kind = random.below(256)
    const process = random.below(processCount)
    const service = i32(serviceOf, process)
    for (let draw = 0; draw < mostDraws; draw++) {
      if (kind < shifts) {
        const to = random.below(hostCount)
        if (!mayEnter(process, to)) continue
        tryShift(walk, process, { to, limit })
      } else {
        const other =
          kind < shifts + exchangesWithin
            ? i32(members.values, i32(members.starts, service) + random.below(memberCount(tables, service)))
            : random.below(processCount)
        if (!mayEnter(process, i32(hostOf, other)) || !mayEnter(other, i32(hostOf, process))) continue
        tryExchange(walk, process, { other, limit })
      }
      break
    }
  }
}

/** What a round is made of. */
interface Round {
  readonly random: Random
  /** Of `possibleHosts`. */
  readonly possible: Uint8Array
  /** Moves that are looked at. */
  readonly round: number
  readonly temperature: number
}

/** Exponentially distributed numbers of mean 1, each as likely as the others. */
const exponential = Float64Array.from({ length: 1 << 16 }, (_, index) => -Math.log((index + 0.5) / (1 << 16)))

function tryShift(walk: Walk, process: number, { to, limit }: { readonly to: number; readonly limit: number }): void {
  const { hostOf, loads, rules, moves } = walk
  if (hostOf[process] === to) return
  const left = loads.leaveGain(process) + moves.change(process, to) + moves.serviceChange(process, to)
  if (left + loads.enterCost(process, to, limit - left) > limit || !rules.allows(process, to)) return
  apply(walk, process, to)
}

function tryExchange(walk: Walk, process: number, { other, limit }: { readonly other: number; readonly limit: number }): void {
  const { hostOf, loads, rules, moves } = walk
  const [here, there] = [i32(hostOf, process), i32(hostOf, other)]
  if (here === there) return
  // The service's part is counted as if each moved alone: off by one process at most, and `cost` counts it anew.
  const moved =
    moves.change(process, there) +
    moves.change(other, here) +
    moves.serviceChange(process, there) +
    moves.serviceChange(other, here)
  const gain = loads.leaveGain(process) + loads.leaveGain(other)
  if (gain + moved > limit && !loads.hasBalances) return
  if (!rules.allowsExchange(process, other) || moved + loads.exchangeCost(process, other, limit - moved) > limit) return
  apply(walk, process, there)
  apply(walk, other, here)
}

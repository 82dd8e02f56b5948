import { f64, i32 } from '../compile/typed-array.ts'
import type { BalanceGoal } from './problem.ts'
import type { ReassignmentTables } from './tables.ts'

/** How full hosts are, and what that costs; capacity may be exceeded for a price. */
export interface Loads {
  /** What a unit above a capacity costs, in load weights. A change makes all cached gains void. */
  readonly setPenalty: (penalty: number) => void
  /** Change of cost when `process` is taken off its host, at most 0 but for balances. Cached until that host changes. */
  readonly leaveGain: (process: number) => number
  /** Change of cost when `process` is put on `host`; may stop and return any number above `limit` once the sum is above it. */
  readonly enterCost: (process: number, host: number, limit: number) => number
  /** Change of cost when two processes of different hosts change places; Infinity once it is sure to be above `limit`. Both gains must be fresh. */
  readonly exchangeCost: (one: number, other: number, limit: number) => number
  /** True if balances count: then gains are no bound on what an exchange brings. */
  readonly hasBalances: boolean
  /** Takes a process from the host that `hostOf` says to another; `hostOf` is the caller's to change afterwards. */
  readonly move: (process: number, to: number) => void
  /** Cost of load and balance, without the price of exceeding. O(hosts × resources). */
  readonly cost: () => number
  /** Units above capacities. */
  readonly excess: () => number
}

/** Loads of processes on `hostOf`, which stays the caller's. */
export function createLoads(tables: ReassignmentTables, balances: readonly BalanceGoal[], hostOf: Int32Array): Loads {
  const { resourceCount: width, hostCount, processCount, need, home, isTransient, loadWeight } = tables
  // Load less safety capacity, and load with what moves keep on the host they left, less capacity.
  const above = tables.safety.map((value) => -value)
  const over = tables.capacity.map((value) => -value)
  const room = tables.capacity.map((value, index) => value - f64(tables.safety, index))
  const version = new Int32Array(hostCount).fill(1)
  const gainVersion = new Int32Array(processCount)
  const gain = new Float64Array(processCount)
  // Gains of the resources from each one to the last: they bound what the rest of an exchange can bring.
  const restGain = new Float64Array(processCount * (width + 1))
  const goals = balances.filter(({ weight }) => weight > 0)
  const price = new Float64Array(width)
  let penalty = 0

  for (let process = 0; process < processCount; process++) {
    const host = i32(hostOf, process)
    const from = i32(home, process)
    for (let resource = 0; resource < width; resource++) {
      const amount = f64(need, process * width + resource)
      add(above, host * width + resource, amount)
      add(over, host * width + resource, amount)
      if (isTransient[resource] === 1 && host !== from) add(over, from * width + resource, amount)
    }
  }

  function setPenalty(next: number): void {
    penalty = next
    for (let resource = 0; resource < width; resource++) price[resource] = penalty * Math.max(1, f64(loadWeight, resource))
    for (let host = 0; host < hostCount; host++) version[host] = i32(version, host) + 1
  }

  /** Balance cost of `host` with the needs of `process` added `sign` times, and those of `other` taken as often. */
  function balanceCost(host: number, sign: number, process: number, other: number): number {
    let sum = 0
    for (const { first, second, target, weight } of goals) {
      const changeOf = (resource: number): number =>
        sign * (f64(need, process * width + resource) - (other < 0 ? 0 : f64(need, other * width + resource)))
      const freeOf = (resource: number): number =>
        f64(room, host * width + resource) - f64(above, host * width + resource) - changeOf(resource)
      sum += weight * Math.max(0, target * freeOf(first) - freeOf(second))
    }
    return sum
  }
  const balanceChange = (host: number, sign: number, process: number, other: number): number =>
    goals.length === 0 ? 0 : balanceCost(host, sign, process, other) - balanceCost(host, 0, process, other)

  function leaveGain(process: number): number {
    const host = i32(hostOf, process)
    if (i32(gainVersion, process) === i32(version, host)) return f64(gain, process)
    gainVersion[process] = i32(version, host)
    const stays = host === i32(home, process)
    const rest = process * (width + 1)
    let sum = 0
    for (let resource = width - 1; resource >= 0; resource--) {
      const amount = f64(need, process * width + resource)
      const excess = f64(above, host * width + resource)
      if (excess > 0) sum -= f64(loadWeight, resource) * (excess < amount ? excess : amount)
      const broken = f64(over, host * width + resource)
      if (broken > 0 && !(stays && isTransient[resource] === 1)) sum -= f64(price, resource) * (broken < amount ? broken : amount)
      restGain[rest + resource] = sum
    }
    gain[process] = sum + balanceChange(host, -1, process, -1)
    return f64(gain, process)
  }

  function enterCost(process: number, host: number, limit: number): number {
    const stays = host === i32(home, process)
    let sum = balanceChange(host, 1, process, -1)
    for (let resource = 0; resource < width && sum <= limit; resource++) {
      const amount = f64(need, process * width + resource)
      const excess = f64(above, host * width + resource) + amount
      if (excess > 0) sum += f64(loadWeight, resource) * (excess < amount ? excess : amount)
      const broken = f64(over, host * width + resource) + amount
      if (broken > 0 && !(stays && isTransient[resource] === 1)) sum += f64(price, resource) * (broken < amount ? broken : amount)
    }
    return sum
  }

  function exchangeCost(one: number, other: number, limit: number): number {
    const here = i32(hostOf, one)
    const there = i32(hostOf, other)
    const [oneHome, otherHome] = [i32(home, one), i32(home, other)]
    let sum = balanceChange(here, 1, other, one) + balanceChange(there, 1, one, other)
    for (let resource = 0; resource < width; resource++) {
      const gives = f64(need, one * width + resource)
      const takes = f64(need, other * width + resource)
      const moves = isTransient[resource] === 1
      const change = takes - gives
      sum +=
        f64(loadWeight, resource) *
        (grown(f64(above, here * width + resource), change) + grown(f64(above, there * width + resource), -change))
      const hereChange = (moves && here === otherHome ? 0 : takes) - (moves && here === oneHome ? 0 : gives)
      const thereChange = (moves && there === oneHome ? 0 : gives) - (moves && there === otherHome ? 0 : takes)
      sum +=
        f64(price, resource) *
        (grown(f64(over, here * width + resource), hereChange) + grown(f64(over, there * width + resource), thereChange))
      const best = f64(restGain, one * (width + 1) + resource + 1) + f64(restGain, other * (width + 1) + resource + 1)
      if (sum + best > limit) return Infinity
    }
    return sum
  }

  function move(process: number, to: number): void {
    const from = i32(hostOf, process)
    const at = i32(home, process)
    for (let resource = 0; resource < width; resource++) {
      const amount = f64(need, process * width + resource)
      const moves = isTransient[resource] === 1
      add(above, from * width + resource, -amount)
      add(above, to * width + resource, amount)
      if (!(moves && from === at)) add(over, from * width + resource, -amount)
      if (!(moves && to === at)) add(over, to * width + resource, amount)
    }
    version[from] = i32(version, from) + 1
    version[to] = i32(version, to) + 1
    gainVersion[process] = 0
  }

  function cost(): number {
    let sum = 0
    for (let index = 0; index < above.length; index++) sum += f64(loadWeight, index % width) * Math.max(0, f64(above, index))
    if (goals.length > 0) for (let host = 0; host < hostCount; host++) sum += balanceCost(host, 0, 0, -1)
    return sum
  }

  const excess = (): number => over.reduce((sum, value) => sum + Math.max(0, value), 0)
  return { setPenalty, leaveGain, enterCost, exchangeCost, hasBalances: goals.length > 0, move, cost, excess }
}

/** By how much the part of `value` above 0 grows with `change`. */
const grown = (value: number, change: number): number => {
  const next = value + change
  return (next > 0 ? next : 0) - (value > 0 ? value : 0)
}

function add(array: Float64Array, index: number, amount: number): void {
  array[index] = f64(array, index) + amount
}

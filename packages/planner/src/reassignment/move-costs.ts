import { f64, i32 } from '../compile/typed-array.ts'
import type { MoveWeights } from './problem.ts'
import type { ReassignmentTables } from './tables.ts'

/** What being away from home costs. */
export interface MoveCosts {
  /** Change of cost when `process` goes to `to`, without the service's part. */
  readonly change: (process: number, to: number) => number
  /** Change of what the service that moves most costs. */
  readonly serviceChange: (process: number, to: number) => number
  /** Notes a move from the host that `hostOf` says; `hostOf` is the caller's to change afterwards. */
  readonly move: (process: number, to: number) => void
  /** O(processes). */
  readonly cost: () => number
}

/** Move costs of processes on `hostOf`. */
export function createMoveCosts(tables: ReassignmentTables, weights: MoveWeights, hostOf: Int32Array): MoveCosts {
  const { home, hostMoveCost, hostCount, moveCost, serviceOf } = tables
  const away = new Int32Array(tables.serviceCount)
  // How many services have so many processes away: the highest of them moves by one at a time.
  const servicesBy = new Int32Array(tables.processCount + 2)
  servicesBy[0] = tables.serviceCount
  let most = 0
  const shift = (service: number, change: number): void => {
    const count = i32(away, service)
    servicesBy[count] = i32(servicesBy, count) - 1
    servicesBy[count + change] = i32(servicesBy, count + change) + 1
    away[service] = count + change
    if (count + change > most) most = count + change
    else if (i32(servicesBy, most) === 0) most--
  }
  for (let process = 0; process < hostOf.length; process++)
    if (hostOf[process] !== home[process]) shift(i32(serviceOf, process), 1)

  const change = (process: number, to: number): number => {
    const [from, at] = [i32(hostOf, process), i32(home, process)]
    const between = f64(hostMoveCost, at * hostCount + to) - f64(hostMoveCost, at * hostCount + from)
    const own = from === at ? f64(moveCost, process) : to === at ? -f64(moveCost, process) : 0
    return weights.host * between + weights.process * own
  }
  const serviceChange = (process: number, to: number): number => {
    const isMost = i32(away, i32(serviceOf, process)) === most
    if (hostOf[process] === home[process]) return isMost ? weights.service : 0
    return to === home[process] && isMost && i32(servicesBy, most) === 1 ? -weights.service : 0
  }
  const move = (process: number, to: number): void => {
    if (hostOf[process] === home[process]) shift(i32(serviceOf, process), 1)
    else if (to === home[process]) shift(i32(serviceOf, process), -1)
  }
  const cost = (): number => {
    let sum = weights.service * most
    for (let process = 0; process < hostOf.length; process++) {
      const [host, at] = [i32(hostOf, process), i32(home, process)]
      sum +=
        weights.host * f64(hostMoveCost, at * hostCount + host) + (host === at ? 0 : weights.process * f64(moveCost, process))
    }
    return sum
  }
  return { change, serviceChange, move, cost }
}

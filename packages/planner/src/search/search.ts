import type { Instance } from '../compile/instance.ts'
import { f64, i32 } from '../compile/typed-array.ts'
import { totalCost } from './best.ts'
import { construct, evictUnsound } from './construct.ts'
import type { EpochResult, EpochTask } from './epoch.ts'
import { constructFirstFit } from './first-fit.ts'
import { createFits } from './fits.ts'
import { createPacking, type Packing } from './packing.ts'
import { createRandom, shuffle } from './random.ts'
import { load, type PackedHosts, unload } from './state.ts'
import { compareWorth, type Worth } from './worth.ts'

/** Logical workers: fixed, so that the plan does not depend on how many threads there are. */
const workerCount = 4
/**
 * Hosts from which on they are shared out: measured, lanes of 25 hosts cost nothing in quality at the same total of iterations, and can
 * be computed side by side.
 */
const leastShared = 100
/** Where there are few hosts of a class, a lane would have few classes to choose from. */
const leastPerClass = 16
/** Iterations of one lane between two exchanges: enough for several drains. */
const epochIterations = 4096
/** Every so many epochs lanes have all hosts, so that what each left over meets. */
const wholeEvery = 8
/**
 * Lanes that have all hosts each, from `leastDoubled` hosts on: they try to empty hosts independently, and the better one counts. It
 * takes room for a whole host in one lane to empty one, so hosts are dealt out only while there may be that much for each lane.
 */
const wholeLanes = 2
const leastDoubled = 30

/** A search as data to data: ask for tasks, run them anywhere, give the results back. */
export interface Search {
  readonly best: () => PackedHosts
  readonly worth: () => Worth
  readonly iterations: () => number
  /** Tasks of the next epoch, at most `iterations` long each; none if nothing can become better. */
  readonly nextTasks: (limit: { readonly iterations: number; readonly bound: number }) => readonly EpochTask[]
  /** Takes the results of all tasks of the epoch, in their order. */
  readonly absorb: (results: readonly EpochResult[]) => void
}

/** Starts a search from the best of several constructions, `current` among them if given. */
export function createSearch(instance: Instance, seed: number, current?: PackedHosts): Search {
  let best = startOf(instance, seed, current)
  let epoch = 0
  let iteration = 0
  let total = 0
  const { closedSets, softClosedSets, isTracked } = instance.rules
  const isShareable = closedSets.length + softClosedSets.length === 0 && !isTracked.includes(1)
  let isDealt = false
  const nextTasks: Search['nextTasks'] = ({ iterations, bound }) => {
    if (iterations <= 0 || isDone(best.worth, bound)) return []
    isDealt =
      isShareable && isWorthDealing(best, { bound, classCount: instance.classes.count }) && epoch % wholeEvery !== wholeEvery - 1
    const isDoubled = best.hosts.items.length >= leastDoubled
    const lanes = isDealt
      ? shareOut(best.hosts, createRandom(seed, workerCount, epoch))
      : Array.from({ length: isDoubled ? wholeLanes : 1 }, () => best.hosts)
    const each = Math.min(epochIterations, Math.ceil(iterations / lanes.length))
    const spares = isDealt ? dealSpares(instance, best.hosts, epoch) : []
    return lanes.map((hosts, worker): EpochTask => ({
      seed,
      worker,
      epoch: epoch + 1,
      iteration,
      iterations: each,
      hosts,
      ...(spares[worker] === undefined ? {} : { spares: spares[worker] }),
    }))
  }
  const absorb: Search['absorb'] = (results) => {
    epoch++
    iteration += Math.max(0, ...results.map((result) => result.iterations))
    total += results.reduce((sum, result) => sum + result.iterations, 0)
    const found = results.map((result) => result.hosts)
    for (const hosts of isDealt ? [join(found)] : found) {
      const measured = measure(instance, hosts)
      // Of equal ones the last counts: it has drained further than what there was.
      if (compareWorth(measured.worth, best.worth) <= 0) best = measured
    }
  }
  return { best: () => best.hosts, worth: () => best.worth, iterations: () => total, nextTasks, absorb }
}

interface Measured {
  readonly hosts: PackedHosts
  readonly worth: Worth
}

function measure(instance: Instance, hosts: PackedHosts): Measured {
  return { hosts, worth: worthOfPacking(load(instance, hosts)) }
}

/** True if there are many hosts, of each class too, and room for one in each lane as far as the bound says. */
function isWorthDealing(
  { hosts, worth }: Measured,
  { bound, classCount }: { readonly bound: number; readonly classCount: number },
): boolean {
  const count = hosts.items.length
  const room = ((worth.cost - bound) / worth.cost) * count
  return worth.waiting === 0 && count >= Math.max(leastShared, leastPerClass * classCount) && room >= workerCount
}

/** What `packing` is worth as a whole. O(slots). */
const worthOfPacking = (packing: Packing): Worth => ({
  waiting: packing.waitingCount,
  cost: totalCost(packing),
  penalty: packing.tracker.penalty(),
})

const isDone = (worth: Worth, bound: number) => worth.waiting === 0 && worth.penalty === 0 && worth.cost <= bound

/** From almost by chance to greedy: no one of them is best on all estates. */
const loosenesses = [0.6, 0.8, 0]

function startOf(instance: Instance, seed: number, current: PackedHosts | undefined): Measured {
  const starts: Measured[] = []
  const fits = createFits(instance)
  loosenesses.forEach((looseUntil, index) => {
    const packing = createPacking(instance)
    construct(packing, fits, { random: createRandom(seed, index, 0), looseUntil })
    evictUnsound(packing)
    starts.push({ hosts: unload(packing), worth: worthOfPacking(packing) })
  })
  const packing = createPacking(instance)
  constructFirstFit(packing, fits, createRandom(seed, loosenesses.length, 0))
  evictUnsound(packing)
  starts.push({ hosts: unload(packing), worth: worthOfPacking(packing) })
  // What runs already comes first, so that it wins where nothing is better.
  if (current !== undefined) starts.unshift(measure(instance, current))
  return starts.reduce((best, next) => (compareWorth(next.worth, best.worth) < 0 ? next : best))
}

function shareOut(hosts: PackedHosts, random: ReturnType<typeof createRandom>): PackedHosts[] {
  const order = Int32Array.from(hosts.items, (_, row) => row)
  shuffle(order, order.length, random)
  return Array.from({ length: workerCount }, (_, worker) => {
    const rows = order.filter((_, position) => position % workerCount === worker).toSorted()
    return {
      hostClass: rows.map((row) => i32(hosts.hostClass, row)),
      items: Array.from(rows, (row) => hosts.items[row] ?? new Int32Array(0)),
    }
  })
}

/** Hosts that may still be added, dealt to the lanes by class; what cannot be divided goes to another lane in each epoch. */
function dealSpares({ classes }: Instance, hosts: PackedHosts, epoch: number): readonly Float64Array[] {
  const spares = Float64Array.from(classes.limit)
  for (const hostClass of hosts.hostClass) spares[hostClass] = f64(spares, hostClass) - 1
  return Array.from({ length: workerCount }, (_, worker) =>
    spares.map((left, hostClass) => {
      const count = Math.max(0, left)
      const turn = (worker + hostClass + epoch) % workerCount
      return Math.floor(count / workerCount) + Number(turn < count % workerCount)
    }),
  )
}

function join(parts: readonly PackedHosts[]): PackedHosts {
  return { hostClass: Int32Array.from(parts.flatMap((part) => [...part.hostClass])), items: parts.flatMap((part) => part.items) }
}

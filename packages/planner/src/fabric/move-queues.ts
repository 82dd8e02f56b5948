import type { WantedMove } from './goal.ts'
import type { Occupancy } from './model/occupancy.ts'
import { at } from './model/typed-array.ts'
import type { Mobility } from './movable.ts'
import type { MoveLimits, MoveReason } from './move-plan.ts'

/** A move that waits or runs. */
export interface PendingMove extends WantedMove {
  readonly from: number
  readonly seconds: number
}

/** Moves that wait, by source host, with the slots of hosts. */
export interface Queues {
  /** Takes out the most urgent move that has free slots and that `canStart`, and uses its slots; nothing if there is none. */
  readonly next: (canStart: (move: PendingMove) => boolean) => PendingMove | undefined
  /** Gives the slots of a move back; a staged one waits again from where it is. */
  readonly end: (move: PendingMove) => void
  /** All that wait. */
  readonly left: () => readonly PendingMove[]
  /** Takes out a waiting move and returns its first half, to `host`, with its slots used. */
  readonly stage: (move: PendingMove, host: number, reason: MoveReason) => PendingMove
}

/**
 * Most urgent is what the end waits for: a move of a host whose remaining seconds over its slots reach those of the whole over the
 * cluster's. While there is none, hosts are emptied one after the other, the one with least left first, so that a plan that is
 * stopped has emptied some; within a host the longest move goes first.
 */
export function createQueues(
  occupancy: Occupancy,
  wanted: readonly WantedMove[],
  mobility: Mobility,
  limits: MoveLimits,
): Queues {
  const queues = new Map<number, PendingMove[]>()
  const leftOut = new Map<number, number>()
  const leftIn = new Map<number, number>()
  const out = new Map<number, number>()
  const into = new Map<number, number>()
  const staged = new Map<PendingMove, PendingMove>()
  let leftInAll = 0

  const add = (map: Map<number, number>, host: number, value: number): void => void map.set(host, (map.get(host) ?? 0) + value)
  const enqueue = (move: PendingMove): void => {
    const queue = queues.get(move.from) ?? []
    queue.push(move)
    queue.sort((a, b) => b.seconds - a.seconds || a.workload - b.workload)
    queues.set(move.from, queue)
    count(move, move.seconds)
  }
  const count = ({ from, to }: PendingMove, seconds: number): void => {
    add(leftOut, from, seconds)
    add(leftIn, to, seconds)
    leftInAll += seconds
  }
  const dequeue = (move: PendingMove): void => {
    const queue = queues.get(move.from) ?? []
    queue.splice(queue.indexOf(move), 1)
    if (queue.length === 0) queues.delete(move.from)
    count(move, -move.seconds)
  }
  const use = ({ from, to }: PendingMove, slots: 1 | -1): void => {
    add(out, from, slots)
    add(into, to, slots)
  }
  for (const move of wanted) {
    enqueue({ ...move, from: at(occupancy.hostOf, move.workload), seconds: at(mobility.seconds, move.workload) })
  }

  const urgency = (seconds: number, slots: number): number => seconds / slots - (leftInAll / limits.cluster) * 0.8
  const order = (): readonly number[] => {
    const hosts = [...queues.keys()].filter((host) => (out.get(host) ?? 0) < limits.outPerHost)
    const keyed = hosts.map((host) => {
      const left = leftOut.get(host) ?? 0
      const urgent = urgency(left, limits.outPerHost)
      return { host, key: urgent > 0 ? -urgent : left }
    })
    return keyed.toSorted((a, b) => a.key - b.key || a.host - b.host).map(({ host }) => host)
  }
  const free = ({ to }: PendingMove): boolean => (into.get(to) ?? 0) < limits.inPerHost
  const find = (canStart: (move: PendingMove) => boolean): PendingMove | undefined => {
    for (const host of order()) {
      const queue = queues.get(host) ?? []
      const urgent = queue.find((move) => urgency(leftIn.get(move.to) ?? 0, limits.inPerHost) > 0 && free(move) && canStart(move))
      const found = urgent ?? queue.find((move) => free(move) && canStart(move))
      if (found !== undefined) return found
    }
    return undefined
  }
  return {
    next: (canStart) => {
      const move = find(canStart)
      if (move === undefined) return undefined
      dequeue(move)
      use(move, 1)
      return move
    },
    end: (move) => {
      use(move, -1)
      const rest = staged.get(move)
      if (rest !== undefined) enqueue(rest)
      staged.delete(move)
    },
    left: () => [...queues.values()].flat(),
    stage: (move, host, reason) => {
      dequeue(move)
      const first = { ...move, to: host, reason, gain: 0 }
      staged.set(first, { ...move, from: host })
      use(first, 1)
      return first
    },
  }
}

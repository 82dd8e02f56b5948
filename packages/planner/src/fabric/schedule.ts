import type { WantedMove } from './goal.ts'
import type { Occupancy } from './model/occupancy.ts'
import { at, item } from './model/typed-array.ts'
import { type Mobility, toHeld } from './movable.ts'
import type { MoveOptions } from './move-options.ts'
import type { HeldWorkload, MoveReason, PlannedMove } from './move-plan.ts'
import { createQueues, type PendingMove, type Queues } from './move-queues.ts'

/** Moves with times, and those that no order allows. */
export interface Schedule {
  readonly moves: readonly PlannedMove[]
  readonly held: readonly HeldWorkload[]
}

/** A move on its way. */
interface Running {
  readonly pending: PendingMove
  readonly endSeconds: number
}

/**
 * Gives moves their times (list scheduling, Graham 1969): whenever a slot is free, the most urgent move that can start does. A move can start
 * if its target has room for it beside all that is there or on its way, and rules hold; so the state after any number of moves is
 * valid. If all wait for each other, one goes to a third host first. Carries the moves out on `occupancy`.
 */
export function scheduleMoves(
  occupancy: Occupancy,
  wanted: readonly WantedMove[],
  mobility: Mobility,
  options: MoveOptions,
): Schedule {
  const run = new Run(occupancy, createQueues(occupancy, wanted, mobility, options.limits), mobility, options)
  return run.all()
}

class Run {
  readonly #occupancy: Occupancy
  readonly #queues: Queues
  readonly #mobility: Mobility
  readonly #options: MoveOptions
  readonly #moves: PlannedMove[] = []
  readonly #locks = new Set<object>()
  readonly #staged = new Set<number>()
  #running: Running[] = []
  #now = 0

  constructor(occupancy: Occupancy, queues: Queues, mobility: Mobility, options: MoveOptions) {
    this.#occupancy = occupancy
    this.#queues = queues
    this.#mobility = mobility
    this.#options = options
  }

  all(): Schedule {
    const { model } = this.#occupancy
    for (;;) {
      this.#startAll()
      if (this.#running.length === 0 && !this.#stageOne()) break
      this.#endNext()
    }
    const held = this.#queues.left().map(({ workload }) => toHeld(model, workload, 'NoPlace'))
    return { moves: this.#moves, held }
  }

  #startAll(): void {
    while (this.#running.length < this.#options.limits.cluster) {
      const pending = this.#queues.next((move) => this.#canStart(move))
      if (pending === undefined) return
      this.#start(pending)
    }
  }

  #canStart({ workload, from, to }: PendingMove): boolean {
    const { rules } = this.#occupancy
    return (
      this.#occupancy.hasRoom(workload, to) &&
      rules.allows(workload, from, to) &&
      rules.locksOf(workload).every((lock) => !this.#locks.has(lock))
    )
  }

  #start(pending: PendingMove): void {
    const { workload, from, to, seconds } = pending
    const { model, rules } = this.#occupancy
    for (const lock of rules.locksOf(workload)) this.#locks.add(lock)
    this.#occupancy.hold(workload, to)
    rules.enter(workload, to)
    const endSeconds = this.#now + seconds
    this.#running.push({ pending, endSeconds })
    this.#moves.push({
      workload: item(model.workloads, workload).name,
      from: item(model.hosts, from).name,
      to: item(model.hosts, to).name,
      startSeconds: this.#now,
      endSeconds,
      mebibytes: at(model.mebibytes, workload),
      mebibytesPerSecond: this.#mobility.mebibytesPerSecond,
      reason: pending.reason,
      gain: pending.gain,
      cost: seconds * this.#options.benefit.moveSecondCost,
    })
  }

  /** Ends all moves of the next instant at which one ends. */
  #endNext(): void {
    this.#now = this.#running.reduce((least, { endSeconds }) => Math.min(least, endSeconds), Number.POSITIVE_INFINITY)
    const ended = this.#running.filter(({ endSeconds }) => endSeconds === this.#now)
    this.#running = this.#running.filter(({ endSeconds }) => endSeconds !== this.#now)
    for (const { pending } of ended) {
      const { workload, to } = pending
      const { rules } = this.#occupancy
      this.#occupancy.take(workload)
      this.#occupancy.release(workload, to)
      rules.leave(workload, to)
      this.#occupancy.put(workload, to)
      for (const lock of rules.locksOf(workload)) this.#locks.delete(lock)
      this.#queues.end(pending)
    }
  }

  /** Breaks a cycle: the smallest waiting workload that finds a third host goes there; its own move follows from there. */
  #stageOne(): boolean {
    const { model } = this.#occupancy
    const waiting = this.#queues.left().toSorted((a, b) => a.seconds - b.seconds || a.workload - b.workload)
    for (const pending of waiting) {
      if (this.#staged.has(pending.workload)) continue
      const stage = [...model.hosts.keys()].find(
        (host) =>
          host !== pending.from &&
          host !== pending.to &&
          item(model.hosts, host).state === 'Ready' &&
          this.#canStart({ ...pending, to: host }),
      )
      if (stage === undefined) continue
      this.#staged.add(pending.workload)
      const reason: MoveReason = 'Stage'
      this.#start(this.#queues.stage(pending, stage, reason))
      return true
    }
    return false
  }
}

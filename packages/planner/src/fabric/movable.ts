import { type FabricModel, workloadAt } from './model/model.ts'
import { at } from './model/typed-array.ts'
import { type MoveOptions, rateOf } from './move-options.ts'
import type { HeldReason, HeldWorkload } from './move-plan.ts'

/** What each workload takes to move, and which must stay for now. */
export interface Mobility {
  /** Seconds that a move takes by pre-copy: size / (rate - dirty rate). */
  readonly seconds: Float64Array
  /** The reason why a workload stays; nothing if it may move. */
  readonly heldBy: (workload: number) => HeldReason | undefined
  readonly mebibytesPerSecond: number
}

/** How workloads move under `options`. */
export function mobilityOf(model: FabricModel, options: MoveOptions): Mobility {
  const rate = rateOf(options.limits)
  const net = (workload: number): number => rate - (workloadAt(model, workload).move?.dirtyMebibytesPerSecond ?? 0)
  return {
    seconds: model.mebibytes.map((mebibytes, workload) => mebibytes / Math.max(1e-9, net(workload))),
    mebibytesPerSecond: rate,
    heldBy: (workload) => {
      const traits = workloadAt(model, workload).move
      if (traits?.isMovable === false) return 'Immovable'
      if (net(workload) <= 0) return 'WritesTooFast'
      if (traits?.lastMovedSecondsAgo === undefined) return undefined
      const { baseSeconds, maxSeconds } = options.cooldown
      const rest = Math.min(maxSeconds, baseSeconds * 2 ** Math.max(0, (traits.movesToday ?? 1) - 1))
      return traits.lastMovedSecondsAgo < rest ? 'Cooldown' : undefined
    },
  }
}

/** A workload that stays, in words. */
export function toHeld(model: FabricModel, workload: number, reason: HeldReason): HeldWorkload {
  const { name, move } = workloadAt(model, workload)
  return { workload: name, reason, message: `${name} ${reasons[reason](move?.lastMovedSecondsAgo ?? 0)}.` }
}

const reasons: Readonly<Record<HeldReason, (secondsAgo: number) => string>> = {
  Cooldown: (secondsAgo) => `moved ${secondsAgo} s ago and rests; plan again later`,
  Immovable: () => 'cannot be moved; shut it down or leave its host in use',
  WritesTooFast: () => 'writes memory as fast as a move copies it; raise the rate of moves or move it when it is quiet',
  NoPlace: () => 'fits on no other host; add a host or free room',
}

/** Mean seconds of a move of each workload of a host, summed. */
export function sumOver(values: Float64Array, workloads: Iterable<number>): number {
  let sum = 0
  for (const workload of workloads) sum += at(values, workload)
  return sum
}

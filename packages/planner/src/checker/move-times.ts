import type { MovePlan, PlannedMove } from '../fabric/move-plan.ts'
import type { ProblemIndex } from './problem-index.ts'
import { createMoveState } from './move-state.ts'
import type { Violation } from './violation.ts'

/** The start or the end of a move. */
interface MoveEvent {
  readonly seconds: number
  readonly isEnd: boolean
  readonly move: PlannedMove
}

/** Starts and ends by time; what ends at an instant ends before what starts then. */
function eventsOf(plan: MovePlan): readonly MoveEvent[] {
  const events = plan.moves.flatMap((move): MoveEvent[] => [
    { seconds: move.startSeconds, isEnd: false, move },
    { seconds: move.endSeconds, isEnd: true, move },
  ])
  return events.toSorted((a, b) => a.seconds - b.seconds || Number(b.isEnd) - Number(a.isEnd))
}

/** Carries the moves out by their times, several at once. */
export function checkAtEveryInstant(index: ProblemIndex, plan: MovePlan): Violation[] {
  const state = createMoveState(index)
  return eventsOf(plan).flatMap(({ seconds, isEnd, move }) => {
    const workload = index.workloads.get(move.workload)
    if (workload === undefined) return []
    const found = isEnd ? state.end(workload, move.to) : state.start(workload, move.to)
    return found.map((violation) => ({ ...violation, message: `After ${seconds} s: ${violation.message}` }))
  })
}

/** How many moves run and how much they send: per host out and in, and in the cluster, after each start. */
export function checkLimits({ limits, ...plan }: MovePlan): Violation[] {
  const running = new Map<string, { count: number; rate: number }>()
  const add = (key: string, count: number, rate: number): { readonly count: number; readonly rate: number } => {
    const before = running.get(key) ?? { count: 0, rate: 0 }
    const after = { count: before.count + count, rate: count === -before.count ? 0 : before.rate + rate }
    running.set(key, after)
    return after
  }
  return eventsOf({ limits, ...plan }).flatMap(({ seconds, isEnd, move }) => {
    const sign = isEnd ? -1 : 1
    const rate = sign * move.mebibytesPerSecond
    const out = add(`out ${move.from}`, sign, rate)
    const into = add(`in ${move.to}`, sign, rate)
    const all = add('cluster', sign, rate)
    if (isEnd) return []
    const found = (subject: string, count: number, limit: number, what: string): Violation[] =>
      count <= limit
        ? []
        : [{ kind: 'Limit', subject, message: `After ${seconds} s ${subject} has ${count} ${what}; ${limit} is the limit.` }]
    const link = limits.linkMebibytesPerSecond * (1 + 1e-9)
    return [
      ...found(move.from, out.count, limits.outPerHost, 'moves out'),
      ...found(move.to, into.count, limits.inPerHost, 'moves in'),
      ...found('The cluster', all.count, limits.cluster, 'moves'),
      ...found(move.from, out.rate, link, 'MiB/s out'),
      ...found(move.to, into.rate, link, 'MiB/s in'),
    ]
  })
}

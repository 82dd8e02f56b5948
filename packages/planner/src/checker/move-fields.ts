import type { Cooldown, MovePlan, PlannedMove } from '../fabric/move-plan.ts'
import type { Workload } from '../problem.ts'
import { checkSelector } from './host-load.ts'
import { moveMebibytes, type ProblemIndex, seeHost } from './problem-index.ts'
import type { Violation } from './violation.ts'

/** What is wrong with each move taken by itself, and with the chain of moves of one workload. */
export function checkMoveFields(index: ProblemIndex, plan: MovePlan): Violation[] {
  const places = new Map<string, { readonly host: string; readonly since: number }>()
  let lastStart = 0
  return plan.moves.flatMap((move) => {
    const workload = index.workloads.get(move.workload)
    const found = (message: string): Violation => ({ kind: 'Move', subject: move.workload, message })
    if (workload === undefined) return [found(`${move.workload} is no workload of the problem.`)]
    const violations: Violation[] = []
    const place = places.get(move.workload) ?? { host: workload.currentHost ?? '', since: 0 }
    if (place.host !== move.from) violations.push(found(`${move.workload} is on ${place.host}, not on ${move.from}.`))
    if (move.startSeconds < place.since) violations.push(found(`${move.workload} would start while it is still being moved.`))
    if (move.startSeconds < lastStart) violations.push(found(`The move of ${move.workload} is listed after later ones.`))
    lastStart = move.startSeconds
    const isFirst = !places.has(move.workload)
    places.set(move.workload, { host: move.to, since: move.endSeconds })
    return [
      ...violations,
      ...checkTarget(index, workload, move),
      ...checkDuration(workload, move, plan),
      ...(isFirst ? checkCooldown(index, workload, move, plan.cooldown) : []),
    ]
  })
}

/** A target that does not exist, takes nothing, is where it is, or lacks labels; a workload that must stay. */
function checkTarget(index: ProblemIndex, workload: Workload, move: PlannedMove): Violation[] {
  const found = (message: string): Violation => ({ kind: 'Move', subject: move.workload, message })
  const host = index.hosts.get(move.to)
  const type = index.types.get(host?.type ?? '')
  if (host === undefined || type === undefined) return [found(`There is no host ${move.to}.`)]
  const violations: Violation[] = []
  if (move.to === move.from) violations.push(found(`${move.workload} is on ${move.to} already.`))
  if (workload.move?.isMovable === false) {
    violations.push({ kind: 'Immovable', subject: move.workload, message: `${move.workload} cannot be moved.` })
  }
  if ((host.state ?? 'Ready') !== 'Ready') {
    const message = `${move.workload} would go to ${host.name}, which is in state ${host.state}.`
    violations.push({ kind: 'HostState', subject: move.workload, message })
  }
  return [...violations, ...checkSelector(seeHost(index, host.name, type), workload)]
}

/** Pre-copy: what is copied, at the rate it gets, less what the guest writes in between. */
function checkDuration(workload: Workload, move: PlannedMove, plan: MovePlan): Violation[] {
  const found = (message: string): Violation => ({ kind: 'Move', subject: move.workload, message })
  const mebibytes = moveMebibytes(workload)
  if (move.mebibytes !== mebibytes) {
    return [found(`${move.workload} has ${mebibytes} MiB to copy, the move says ${move.mebibytes}.`)]
  }
  if (!(move.mebibytesPerSecond <= plan.limits.moveMebibytesPerSecond)) {
    const message = `${move.workload} moves at ${move.mebibytesPerSecond} MiB/s; ${plan.limits.moveMebibytesPerSecond} is the limit.`
    return [{ kind: 'Limit', subject: move.workload, message }]
  }
  const net = move.mebibytesPerSecond - (workload.move?.dirtyMebibytesPerSecond ?? 0)
  if (net <= 0) return [found(`${move.workload} writes as fast as it is copied: the move never ends.`)]
  const seconds = move.endSeconds - move.startSeconds
  if (move.startSeconds >= 0 && seconds * (1 + 1e-9) + 1e-6 >= mebibytes / net) return []
  return [found(`${move.workload} needs ${mebibytes / net} s, the move gives it ${seconds} s from ${move.startSeconds}.`)]
}

/** A workload rests after a move, unless its host has to be emptied for maintenance. */
function checkCooldown(index: ProblemIndex, workload: Workload, move: PlannedMove, cooldown: Cooldown): Violation[] {
  const ago = workload.move?.lastMovedSecondsAgo
  if (ago === undefined || index.hosts.get(move.from)?.state === 'Maintenance') return []
  const doublings = Math.max(0, (workload.move?.movesToday ?? 1) - 1)
  const rest = Math.min(cooldown.maxSeconds, cooldown.baseSeconds * 2 ** doublings)
  if (ago + move.startSeconds >= rest) return []
  const message = `${workload.name} moved ${ago} s before the plan, starts after ${move.startSeconds} s and rests for ${rest} s.`
  return [{ kind: 'Cooldown', subject: workload.name, message }]
}

import { type Candidate, sum } from './keep-set.ts'
import type { MoveLoad, MovePrice } from './move-price.ts'

/** Hosts next to the margin, on each side of it, that are tried against each other. */
const marginCount = 200

/** Exchanges for which the room that has to be made is estimated. */
const mostEstimates = 30_000

/** How a choice of hosts is judged. */
export interface Judge {
  readonly price: MovePrice
  /** What others take that make room. */
  readonly roomFor: (emptied: readonly Candidate[]) => MoveLoad
}

/** Hosts and what emptying them costs in all. */
interface Choice {
  readonly emptied: readonly Candidate[]
  readonly cost: number
}

/**
 * As many of `candidates` as `first` has, at no higher price: one host is exchanged for another, the exchange that saves most, until none
 * saves anything. The price is that of their own moves and of those that make room. O(exchanges x margin^2).
 */
export function chooseEmptied(candidates: readonly Candidate[], first: readonly Candidate[], judge: Judge): readonly Candidate[] {
  let best: Choice = { emptied: first, cost: costOf(first, judge) }
  for (let left = mostEstimates; left > 0;) {
    const { better, tried } = bestExchange(candidates, best, judge, left)
    if (better === undefined) break
    best = better
    left -= tried
  }
  return best.emptied
}

const costOf = (emptied: readonly Candidate[], { price, roomFor }: Judge): number => {
  const [own, room] = [sum(emptied), roomFor(emptied)]
  return price.ofPlan({ mebibytes: own.mebibytes + room.mebibytes, moves: own.moves + room.moves })
}

/** Room that others make only adds to the price, so exchanges are looked at by what they cost without. */
function bestExchange(candidates: readonly Candidate[], now: Choice, judge: Judge, mostTried: number) {
  let better: Choice | undefined
  let tried = 0
  for (const { leaves, joins, least } of exchanges(candidates, now, judge)) {
    if (least >= (better ?? now).cost || tried >= mostTried) break
    const emptied = now.emptied.map((candidate) => (candidate === leaves ? joins : candidate))
    const cost = costOf(emptied, judge)
    if (cost < (better ?? now).cost - 1e-9) better = { emptied, cost }
    tried++
  }
  return { better, tried }
}

/** Exchanges whose hosts' own moves cost less than `now`, the cheapest first. */
function exchanges(candidates: readonly Candidate[], { emptied, cost }: Choice, { price }: Judge) {
  const total = sum(emptied)
  const isEmptied = new Set(emptied)
  const partOf = ({ mebibytes, workloadCount: moves }: Candidate): number => price.ofPart({ mebibytes, moves })
  const byPart = candidates.toSorted((a, b) => partOf(a) - partOf(b) || a.host - b.host)
  const leaving = byPart.filter((candidate) => isEmptied.has(candidate)).slice(-marginCount)
  const joining = byPart.filter((candidate) => !isEmptied.has(candidate)).slice(0, marginCount)
  return leaving
    .flatMap((leaves) =>
      joining.map((joins) => {
        const mebibytes = total.mebibytes - leaves.mebibytes + joins.mebibytes
        const moves = total.moves - leaves.workloadCount + joins.workloadCount
        return { leaves, joins, least: price.ofPlan({ mebibytes, moves }) }
      }),
    )
    .filter(({ least }) => least < cost)
    .toSorted((a, b) => a.least - b.least)
}

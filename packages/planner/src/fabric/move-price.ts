import type { MoveOptions } from './move-options.ts'

/** What is sent and how often. */
export interface MoveLoad {
  readonly mebibytes: number
  readonly moves: number
}

/** What moves cost by what is preferred. */
export interface MovePrice {
  /** Of a plan: the preferred load over the least of it; with `Both` the worse of the two ratios. The other load breaks ties. */
  readonly ofPlan: (load: MoveLoad) => number
  /** Of a part of a plan, so that parts add up; with `Both` both ratios weigh alike. */
  readonly ofPart: (load: MoveLoad) => number
}

/** Weight of what is only there to break ties. */
const tie = 1e-3

/** The price of moves where `least` is the least that the goal takes of each. */
export function createMovePrice(least: MoveLoad, prefer: MoveOptions['prefer']): MovePrice {
  const ratios = ({ mebibytes, moves }: MoveLoad): readonly [number, number] => [
    mebibytes / Math.max(1, least.mebibytes),
    moves / Math.max(1, least.moves),
  ]
  const weights = { Mebibytes: [1, tie], Moves: [tie, 1], Both: [1, 1] } as const
  const [sentWeight, movedWeight] = weights[prefer]
  const ofPart = (load: MoveLoad): number => {
    const [sent, moved] = ratios(load)
    return sentWeight * sent + movedWeight * moved
  }
  return { ofPart, ofPlan: (load) => (prefer === 'Both' ? Math.max(...ratios(load)) + tie * ofPart(load) : ofPart(load)) }
}

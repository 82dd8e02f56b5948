import type { MoveGoal, MoveOptions } from '@weir/planner'
import type { SourceFlags } from '../fabric/open-fabric.ts'

/** The flags of `consolidate`, `drain` and `rebalance`, as commander gives them; each command has those that matter to it. */
export interface MoveFlags extends SourceFlags {
  readonly output: 'table' | 'json'
  readonly outPerHost: number
  readonly inPerHost: number
  readonly atOnce: number
  readonly link: number
  readonly rate: number
  readonly cooldown: number
  readonly cooldownMax: number
  readonly emptyBelow?: number
  readonly fillUpTo?: number
  readonly stableHours: number
  readonly moveCost: number
  readonly prefer?: 'mebibytes' | 'moves' | 'both'
}

/** What is planned: a goal, and for a drain the hosts that are to be empty. */
export interface MoveRequest {
  readonly goal: MoveGoal
  readonly hosts: readonly string[]
}

const preferences = { mebibytes: 'Mebibytes', moves: 'Moves', both: 'Both' } as const

/** The planner's options that flags ask for. */
export function moveOptions(flags: MoveFlags): Partial<MoveOptions> {
  return {
    limits: {
      outPerHost: flags.outPerHost,
      inPerHost: flags.inPerHost,
      cluster: flags.atOnce,
      linkMebibytesPerSecond: flags.link,
      moveMebibytesPerSecond: flags.rate,
    },
    cooldown: { baseSeconds: flags.cooldown, maxSeconds: Math.max(flags.cooldown, flags.cooldownMax) },
    hysteresis: { emptyBelowPercent: flags.emptyBelow ?? 100, fillUpToPercent: flags.fillUpTo ?? 100 },
    benefit: { stableSeconds: flags.stableHours * 3600, moveSecondCost: flags.moveCost },
    prefer: preferences[flags.prefer ?? 'mebibytes'],
  }
}

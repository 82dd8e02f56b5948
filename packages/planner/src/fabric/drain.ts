import { ejectFor } from './eject.ts'
import { fillHoles } from './fill.ts'
import { movedSince, restore, type Wanted } from './goal.ts'
import type { Occupancy } from './model/occupancy.ts'
import { at, item } from './model/typed-array.ts'
import { type Mobility, sumOver, toHeld } from './movable.ts'
import type { MoveOptions } from './move-options.ts'
import { createRandom } from './random.ts'

/**
 * Which workloads go where so that hosts in maintenance are empty. A cooldown holds nothing here. What has no place stays and is
 * named. Leaves `occupancy` as it was.
 */
export function drain(occupancy: Occupancy, mobility: Mobility, { benefit }: MoveOptions): Wanted {
  const { model } = occupancy
  const before = Int32Array.from(occupancy.hostOf)
  const leaving = [...model.hosts.keys()].filter((host) => item(model.hosts, host).state === 'Maintenance')
  const ready = [...model.hosts.keys()].filter((host) => item(model.hosts, host).state === 'Ready')
  const workloads = leaving.flatMap((host) => [...occupancy.on(host)])
  const heldBy = (workload: number) => {
    const reason = mobility.heldBy(workload)
    return reason === 'Cooldown' ? undefined : reason
  }
  const moving = workloads.filter((workload) => heldBy(workload) === undefined)
  for (const workload of moving) occupancy.take(workload)
  const random = createRandom(leaving.length)
  const waiting = fillHoles(occupancy, moving, { hosts: ready, random, rounds: 5000 })
  const without = ejectFor(occupancy, waiting, ready, (workload) => mobility.heldBy(workload) === undefined)
  const total = Math.max(1, sumOver(model.mebibytes, moving))
  const moves = movedSince(occupancy, before).map((workload) => ({
    workload,
    to: at(occupancy.hostOf, workload),
    reason: leaving.includes(at(before, workload)) ? ('Drain' as const) : ('MakeRoom' as const),
    gain: benefit.stableSeconds * leaving.length * (at(model.mebibytes, workload) / total),
  }))
  restore(occupancy, before)
  const placed = moving.filter((workload) => !without.includes(workload))
  return {
    goal: 'Drain',
    moves,
    held: [
      ...workloads.flatMap((workload) => {
        const reason = heldBy(workload)
        return reason === undefined ? [] : [toHeld(model, workload, reason)]
      }),
      ...without.map((workload) => toHeld(model, workload, 'NoPlace')),
    ],
    bound: { moveCount: placed.length, mebibytes: sumOver(model.mebibytes, placed) },
  }
}

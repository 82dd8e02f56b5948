import { i32 } from '../compile/typed-array.ts'
import { addSlotTo, type Area, createArea, drawUsed, energyOf, localWorth, othersOf, restore, ruin } from './area.ts'
import { createBest } from './best.ts'
import { createDrain } from './drain.ts'
import type { Fits } from './fits.ts'
import { type Packing, spareSlot } from './packing.ts'
import { type Random, shuffle } from './random.ts'
import { createRebuilders, type Rebuild } from './rebuild.ts'

/** Takes `packing` through iterations of ruin and recreate. */
export interface Improver {
  /** Runs `count` iterations. */
  readonly run: (count: number) => void
  /** Brings `packing` back to the best that it was. */
  readonly restoreBest: () => void
}

/** Iterations between two drains. */
const annealed = 1000
/** Waiting types that one neighbourhood tries to place. */
const mostWaiting = 3

/**
 * Search on `packing`. Ruin and recreate (Schrimpf et al. 2000; Christiaens and Vanden Berghe 2020): takes everything off a few hosts, the emptiest
 * more often, and lays it back in an order of chance. What counts is the cost of hosts and, within a cost, the sum of squares of how full they
 * are, so that one host drains; now and then a host is emptied at once (see `createDrain`). Worse results are accepted at a temperature that falls in cycles of doubling length, so that a longer
 * run passes through all that a shorter one saw.
 */
export function createImprover(packing: Packing, fits: Fits, { random, iteration: start }: ImproverStart): Improver {
  const { instance } = packing
  const rebuilders = createRebuilders(instance, fits, random)
  const best = createBest(packing)
  const area = createArea(instance)
  const meanCost = instance.classes.cost.reduce((sum, cost) => sum + cost, 0) / Math.max(1, instance.classes.count)
  let iteration = start
  const preference = meanCost / (1000 * instance.rules.groups.reduce((most, group) => Math.max(most, group.weight), 1))
  const others = othersOf(packing)
  const drain = createDrain(packing, { fits, random, best })
  let calm = 0
  const step = () => {
    chooseArea(packing, area, { random, others })
    if (area.slotCount < 2) return
    const before = energyOf(packing, area)
    const worthBefore = localWorth(packing, area)
    const missing = packing.tracker.missing()
    ruin(packing, area)
    if (worthBefore.waiting > 0) takeWaiting(packing, area, random)
    const isWhole = chooseRebuild(rebuilders, random)(packing, area.hand, { ...area, mayLeave: worthBefore.waiting })
    const change = energyOf(packing, area) - before
    const threshold = temperatureAt(iteration++) * meanCost * -Math.log(1 - random.next())
    const isLess = packing.waitingCount < worthBefore.waiting
    const isSound = isWhole && packing.waitingCount <= worthBefore.waiting && packing.tracker.missing() <= missing
    if (isSound && (isLess || change + preference * (packing.tracker.penalty() - worthBefore.penalty) <= threshold))
      best.note(area.slots.subarray(0, area.slotCount), worthBefore, localWorth(packing, area))
    else restore(packing, area)
  }
  return {
    run: (count) => {
      for (let index = 0; index < count; index++) {
        if (drain.isOn()) drain.step()
        else if (++calm > annealed && packing.waitingCount === 0) {
          calm = 0
          drain.start()
        } else step()
      }
    },
    restoreBest: () => {
      drain.stop()
      best.restore()
    },
  }
}

/** Chance, and how many iterations there were before: they set the temperature. */
export interface ImproverStart {
  readonly random: Random
  readonly iteration: number
}

const firstCycle = 20_000
const hottest = 0.001
const coldest = 0.00005

/** The temperature at an iteration, as a share of a host's mean cost; it does not depend on how many iterations there will be. */
function temperatureAt(iteration: number): number {
  let start = 0
  let length = firstCycle
  while (iteration >= start + length) {
    start += length
    length *= 2
  }
  return hottest * (coldest / hottest) ** ((iteration - start) / length)
}

function chooseRebuild(
  rebuilders: { readonly firstFit: Rebuild; readonly bestFit: Rebuild; readonly fillEach: Rebuild },
  random: Random,
): Rebuild {
  const drawn = random.next()
  if (drawn < 0.15) return rebuilders.firstFit
  return drawn < 0.97 ? rebuilders.bestFit : rebuilders.fillEach
}

/** Other used slots first, then a few spare ones, the emptiest last: it is to drain. */
function chooseArea(
  packing: Packing,
  area: Area,
  { random, others: most }: { readonly random: Random; readonly others: number },
): void {
  const { instance } = packing
  area.slotCount = 0
  const victim = drawUsed(packing, random, 8)
  if (victim < 0) return
  const others = 1 + random.below(most)
  for (let index = 0; index < others; index++) addSlotTo(area, drawUsed(packing, random, 1), victim)
  const spares = instance.classes.count > 1 || packing.waitingCount > 0 ? random.below(4) : 0
  for (let index = 0; index < spares; index++) addSlotTo(area, spareSlot(packing, random.below(instance.classes.count)), victim)
  // Any order of the others, spare ones among them.
  shuffle(area.slots, area.slotCount, random)
  area.slots[area.slotCount++] = victim
}

/** A few waiting types join the hand. */
function takeWaiting(packing: Packing, { hand }: Area, random: Random): void {
  const { waiting } = packing
  const start = random.below(waiting.length)
  const inHand = new Map<number, number>()
  for (let at = 0; at < hand.count; at++) inHand.set(i32(hand.types, at), (inHand.get(i32(hand.types, at)) ?? 0) + 1)
  let taken = 0
  for (let step = 0; step < waiting.length && taken < mostWaiting && hand.count < hand.types.length; step++) {
    const type = (start + step) % waiting.length
    if (i32(waiting, type) <= (inHand.get(type) ?? 0)) continue
    hand.types[hand.count++] = type
    taken++
  }
}

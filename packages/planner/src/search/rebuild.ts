import type { Instance } from '../compile/instance.ts'
import { f64, i32 } from '../compile/typed-array.ts'
import { createLeftover } from './fill.ts'
import type { Fits } from './fits.ts'
import { addItem, type Packing } from './packing.ts'
import type { Random } from './random.ts'

/** Items in hand: types with repeats, the first `count` of `types`. */
export interface Hand {
  types: Int32Array
  count: number
}

/** Puts `hand` on the first `slotCount` of `slots` as far as it fits; false if more than `mayLeave` items found no place. */
export type Rebuild = (
  packing: Packing,
  hand: Hand,
  target: { readonly slots: Int32Array; readonly slotCount: number; readonly mayLeave: number },
) => boolean

/** How items are laid back: one by one in an order of chance, or host by host. */
export interface Rebuilders {
  readonly firstFit: Rebuild
  readonly bestFit: Rebuild
  readonly fillEach: Rebuild
}

/** The ways to lay items back on few hosts. Each is O(items * slots * check), `fillEach` O(items * distinct types * check). */
export function createRebuilders(instance: Instance, fits: Fits, random: Random): Rebuilders {
  const sizes = itemSizes(instance)
  const leftover = createLeftover(instance)
  const order = createOrder(sizes, random)
  const itemwise =
    (isBest: boolean): Rebuild =>
    (packing, hand, { slots, slotCount, mayLeave }) => {
      order(hand)
      let left = 0
      for (let at = 0; at < hand.count; at++) {
        const type = i32(hand.types, at)
        let chosen = -1
        let least = Infinity
        for (let index = 0; index < slotCount; index++) {
          const slot = i32(slots, index)
          if (!fits(packing, type, slot)) continue
          const room = isBest ? leftover(packing, type, slot) : 0
          if (room < least) {
            least = room
            chosen = slot
            if (!isBest) break
          }
        }
        if (chosen >= 0) addItem(packing, chosen, type)
        else if (++left > mayLeave) return false
      }
      return true
    }
  return { firstFit: itemwise(false), bestFit: itemwise(true), fillEach: createFillEach({ fits, leftover, random }) }
}

/** The mean share of a host that one item takes, scarce resources weighing more, by type. */
function itemSizes({ types, scalars, series, scale }: Instance): Float64Array {
  return Float64Array.from({ length: types.count }, (_, type) => {
    let size = 0
    for (let scalar = 0; scalar < scalars.count; scalar++)
      size += f64(scale, scalar) * f64(types.need, type * scalars.count + scalar)
    for (let serial = 0; serial < series.count; serial++) {
      size += f64(scale, scalars.count + serial) * f64(types.total, type * series.count + serial)
    }
    return size
  })
}

/** Sizes above this, in mean hosts, sort alike: there is no room for more digits beside the position. */
const largestSize = 8

/**
 * How finely sizes sort: to a billionth of a host, less finely in a hand of more than 70,000 items, so that a number that holds a size
 * of up to `largestSize` and the position below it tells all positions apart.
 */
const grainOf = (count: number): number => Math.min(1e9, 2 ** 51 / (4 * largestSize * count))

/** Sorts a hand by size, largest first, each size blurred by chance; how much is drawn anew each time. */
function createOrder(sizes: Float64Array, random: Random): (hand: Hand) => void {
  let keys = new Float64Array(64)
  let copy = new Int32Array(64)
  return (hand) => {
    const { count, types } = hand
    if (keys.length < count) {
      keys = new Float64Array(count * 2)
      copy = new Int32Array(count * 2)
    }
    const blur = random.next()
    const grain = grainOf(count)
    for (let at = 0; at < count; at++) {
      const size = f64(sizes, i32(types, at)) * (1 - blur * random.next())
      // Size in the whole part, position below it: native number sort carries the position along.
      keys[at] = -Math.floor(Math.min(size, largestSize) * grain) + at / count / 2
      copy[at] = i32(types, at)
    }
    const sorted = keys.subarray(0, count).toSorted()
    for (let at = 0; at < count; at++) {
      const key = f64(sorted, at)
      types[at] = i32(copy, Math.round((key - Math.floor(key)) * 2 * count))
    }
  }
}

interface FillEach {
  readonly fits: Fits
  readonly leftover: (packing: Packing, type: number, slot: number) => number
  readonly random: Random
}

/** Fills slot by slot, each time with the type in hand that leaves least, some passed over by chance. */
function createFillEach({ fits, leftover, random }: FillEach): Rebuild {
  return (packing, hand, { slots, slotCount, mayLeave }) => {
    for (let index = 0; index < slotCount && hand.count > 0; index++) {
      const slot = i32(slots, index)
      const skip = random.next() * 0.5
      for (;;) {
        const at = bestInHand(hand, (type) =>
          random.next() < skip || !fits(packing, type, slot) ? Infinity : leftover(packing, type, slot),
        )
        if (at < 0) break
        addItem(packing, slot, i32(hand.types, at))
        hand.types[at] = i32(hand.types, --hand.count)
      }
    }
    return hand.count <= mayLeave
  }
}

function bestInHand(hand: Hand, cost: (type: number) => number): number {
  let best = -1
  let least = Infinity
  let last = -1
  for (let at = 0; at < hand.count; at++) {
    const type = i32(hand.types, at)
    if (type === last) continue
    last = type
    const value = cost(type)
    if (value < least) {
      least = value
      best = at
    }
  }
  return best
}

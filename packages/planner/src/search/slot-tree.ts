import type { Instance } from '../compile/instance.ts'
import { f64, i32 } from '../compile/typed-array.ts'
import type { Packing } from './packing.ts'

/** Finds the first slot with room in O(log slots) for most items: a tree of the most that is left of each resource in a range of slots. */
export interface SlotTree {
  /** The first slot from `from` on whose scalars, and mean of series, leave room for `type`; -1 if there is none. */
  readonly next: (type: number, from: number) => number
  /** Takes over what `slot` has left now. Slots are to be added in order. O(resources * log slots). */
  readonly update: (packing: Packing, slot: number) => void
}

/** A tree for up to `capacity` slots, all without room. */
export function createSlotTree(instance: Instance, capacity: number): SlotTree {
  const { scalars, series, types } = instance
  const width = scalars.count + series.count
  let leaves = 1
  while (leaves < capacity) leaves *= 2
  const most = new Float64Array(2 * leaves * width).fill(-1)
  const need = new Float64Array(width)
  const hasRoom = (node: number) => {
    for (let column = 0; column < width; column++) if (f64(most, node * width + column) < f64(need, column)) return false
    return true
  }
  const descend = (from: number, node: number, first: number, length: number): number => {
    if (first + length <= from || !hasRoom(node)) return -1
    if (length === 1) return first
    const half = length / 2
    const left = descend(from, node * 2, first, half)
    return left >= 0 ? left : descend(from, node * 2 + 1, first + half, half)
  }
  return {
    next: (type, from) => {
      for (let scalar = 0; scalar < scalars.count; scalar++) need[scalar] = f64(types.need, type * scalars.count + scalar)
      for (let serial = 0; serial < series.count; serial++)
        need[scalars.count + serial] = f64(types.total, type * series.count + serial)
      return from >= leaves ? -1 : descend(from, 1, 0, leaves)
    },
    update: (packing, slot) => {
      let node = leaves + slot
      for (let scalar = 0; scalar < scalars.count; scalar++)
        most[node * width + scalar] = f64(packing.free, slot * scalars.count + scalar)
      for (let serial = 0; serial < series.count; serial++) {
        most[node * width + scalars.count + serial] = f64(packing.freeSum, slot * series.count + serial)
      }
      for (node >>= 1; node >= 1; node >>= 1) {
        for (let column = 0; column < width; column++) {
          most[node * width + column] = Math.max(f64(most, node * 2 * width + column), f64(most, (node * 2 + 1) * width + column))
        }
      }
    },
  }
}

/** Items of `instance` as types, in order of types. */
export function allItems({ types }: Instance): Int32Array {
  const items = new Int32Array(types.items.values.length)
  for (let type = 0, at = 0; type < types.count; type++) {
    items.fill(type, at, at + i32(types.amount, type))
    at += i32(types.amount, type)
  }
  return items
}

import type { Instance } from '../compile/instance.ts'
import { i32 } from '../compile/typed-array.ts'
import type { Column } from './columns.ts'

/** Work that the bound may take, in giants times types. */
const mostSteps = 4e7

/**
 * How many equal hosts are needed, counting what giants waste: an item above half a host in one dimension has a host that no other such
 * item shares, and in another dimension leaves room that nothing small enough is there to fill. 0 if hosts differ. O(giants * types).
 */
export function wasteHosts(instance: Instance, columns: readonly Column[]): number {
  const scalars = columns.filter((column) => !column.isMoment)
  if (scalars.length > 6 || !areEqual(instance, scalars)) return 0
  let best = 0
  for (const large of scalars) {
    const giants = giantsIn(instance, large, scalars)
    if (giants.length === 0) continue
    for (const filled of scalars) {
      if (filled === large) continue
      const waste = giants.reduce(
        (sum, giant) => sum + i32(instance.types.amount, giant) * wasteOf(instance, { giant, filled, scalars }),
        0,
      )
      best = Math.max(best, (filled.demand + waste) / filled.usableOf(0))
    }
  }
  return best
}

function areEqual({ classes }: Instance, columns: readonly Column[]): boolean {
  return columns.every((column) => {
    for (let index = 0; index < classes.count; index++) if (column.usableOf(index) !== column.usableOf(0)) return false
    return column.usableOf(0) > 0
  })
}

function giantsIn({ types }: Instance, large: Column, scalars: readonly Column[]): readonly number[] {
  const giants: number[] = []
  for (let type = 0; type < types.count; type++) if (large.needOf(type) * 2 > large.usableOf(0)) giants.push(type)
  const most = Math.floor(mostSteps / (types.count * scalars.length * scalars.length))
  return giants.toSorted((a, b) => large.needOf(b) - large.needOf(a) || a - b).slice(0, most)
}

interface Remainder {
  readonly giant: number
  readonly filled: Column
  readonly scalars: readonly Column[]
}

/** Room of `filled` beside one giant that nothing can use. */
function wasteOf({ types }: Instance, { giant, filled, scalars }: Remainder): number {
  const room = scalars.map((column) => column.usableOf(0) - column.needOf(giant))
  const fitting: number[] = []
  for (let type = 0; type < types.count; type++) {
    if (scalars.every((column, index) => column.needOf(type) <= (room[index] ?? 0))) fitting.push(type)
  }
  const left = filled.usableOf(0) - filled.needOf(giant)
  let usable = left
  scalars.forEach((limiting, index) => {
    usable = Math.min(usable, fractionalFill(types.amount, fitting, { filled, limiting, room: room[index] ?? 0 }))
  })
  return left - usable
}

/** Most of `filled` that items of `fitting` bring within `room` of `limiting`, if they could be cut (Dantzig 1957). */
function fractionalFill(
  amount: Int32Array,
  fitting: readonly number[],
  { filled, limiting, room }: { readonly filled: Column; readonly limiting: Column; readonly room: number },
): number {
  const ratio = (type: number) => (limiting.needOf(type) === 0 ? Infinity : filled.needOf(type) / limiting.needOf(type))
  let left = room
  let gained = 0
  for (const type of fitting.filter((type) => filled.needOf(type) > 0).toSorted((a, b) => ratio(b) - ratio(a))) {
    const each = limiting.needOf(type)
    const count = each === 0 ? i32(amount, type) : Math.min(i32(amount, type), left / each)
    gained += count * filled.needOf(type)
    left -= count * each
    if (left <= 0) break
  }
  return gained
}

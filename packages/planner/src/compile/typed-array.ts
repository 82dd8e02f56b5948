// One function per kind of array: a shared one would see several hidden classes, and the engine would stop inlining its load.

/** `array[index]`. The index must be within bounds: it reads 0 beyond them. */
export const f64 = (array: Float64Array, index: number): number => array[index] ?? 0

/** `array[index]`. The index must be within bounds: it reads 0 beyond them. */
export const i32 = (array: Int32Array, index: number): number => array[index] ?? 0

/** Lists of numbers in one array: list `i` is `values[starts[i]]` up to, not including, `values[starts[i + 1]]`. */
export interface Lists {
  readonly starts: Int32Array
  readonly values: Int32Array
}

/** The same lists packed flat. O(total length). */
export function packLists(lists: readonly (readonly number[])[]): Lists {
  const starts = new Int32Array(lists.length + 1)
  lists.forEach((list, index) => {
    starts[index + 1] = i32(starts, index) + list.length
  })
  const values = new Int32Array(i32(starts, lists.length))
  lists.forEach((list, index) => {
    values.set(list, i32(starts, index))
  })
  return { starts, values }
}

/** List `index` of `lists`, as a view that shares memory. */
export const listAt = (lists: Lists, index: number): Int32Array =>
  lists.values.subarray(i32(lists.starts, index), i32(lists.starts, index + 1))

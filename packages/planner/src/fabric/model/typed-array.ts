/** The number at `index`; 0 beyond the end, where nothing reads by construction. */
export function at(array: Float64Array | Int32Array | Uint8Array, index: number): number {
  return array[index] ?? 0
}

/** The item at `index`. Throws a RangeError beyond the end, which is a mistake in the caller. */
export function item<T>(items: readonly T[], index: number): T {
  const found = items[index]
  if (found === undefined) throw new RangeError(`There is no item ${index} in a list of ${items.length}.`)
  return found
}

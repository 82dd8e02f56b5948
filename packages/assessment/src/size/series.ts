/** Points of a curve; null where nothing was measured. */
export type Series = readonly (number | null)[]

/** The measured values of `series`. */
export const measured = (series: Series): readonly number[] => series.filter((value) => value !== null)

/**
 * The value that `share` (0 to 1) of `values` do not exceed, by the nearest rank: always one that occurred. `values` need no order.
 * NaN if there are none. O(n log n).
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).toSorted()
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

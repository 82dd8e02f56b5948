/** How free the search is at a moment. */
export interface Moment {
  /** Changes for the worse by so much are common. */
  readonly temperature: number
  /** What a unit above a capacity costs, in load weights. */
  readonly penalty: number
  /** True while plans that exceed no capacity are to be expected. */
  readonly isStrict: boolean
  /** Counts the times that the search was warmed: 0, 1, ... */
  readonly cycle: number
}

/** A long fall, then two short ones from lower down, which mend what the first left broken. */
const cycles = [
  { end: 0.7, hottest: 0.3, softest: 1 },
  { end: 0.85, hottest: 0.04, softest: 30 },
  { end: 1, hottest: 0.04, softest: 30 },
] as const
const coldest = 0.002
/** Beyond so many processes there is less time for each, and each counts for less: the search starts cooler, and ends cooler. */
const hotUpTo = 5000
const coldUpTo = 2000
/** The penalty rises to `firm` until this share of a cycle, and is `hard` when nearly all of it is over. */
const firmAt = 0.8
const hardAt = 0.97
const firm = 1000
const hard = 1e6

/** The moment at `share` (0 to 1) of a search whose costs have the scale `meanCost`. */
export function momentAt(
  share: number,
  { meanCost, processCount }: { readonly meanCost: number; readonly processCount: number },
): Moment {
  const found = cycles.findIndex(({ end }) => share < end)
  const cycle = found < 0 ? cycles.length - 1 : found
  const { end, hottest, softest } = cycles[cycle] ?? cycles[0]
  const start = cycles[cycle - 1]?.end ?? 0
  const part = Math.min(1, (share - start) / (end - start))
  const first = hottest * Math.min(1, hotUpTo / processCount)
  const last = coldest * Math.min(1, coldUpTo / processCount)
  return {
    temperature: meanCost * first * (last / first) ** part,
    penalty:
      part < firmAt
        ? softest * (firm / softest) ** (part / firmAt)
        : firm * (hard / firm) ** Math.min(1, (part - firmAt) / (hardAt - firmAt)),
    isStrict: part >= firmAt * 0.9,
    cycle,
  }
}

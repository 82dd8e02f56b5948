/** What a search is worth so far: fewer waiting items, then lower cost, then fewer broken preferences. */
export interface Worth {
  readonly waiting: number
  readonly cost: number
  readonly penalty: number
}

/** Negative if `a` is better than `b`. */
export const compareWorth = (a: Worth, b: Worth): number => a.waiting - b.waiting || a.cost - b.cost || a.penalty - b.penalty

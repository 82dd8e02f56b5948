/** Work that may still be done, in looks at one place for one workload. */
export class Steps {
  #left: number
  readonly #most: number

  constructor(most: number) {
    this.#most = most
    this.#left = most
  }

  /** Takes `count` steps; false if there are not so many left, and then none are. */
  take(count: number): boolean {
    this.#left = Math.max(-1, this.#left - count)
    return this.#left >= 0
  }

  /** At most `count` of the steps that are left, as steps of their own. */
  share(count: number): Steps {
    return new Steps(Math.min(count, Math.max(0, this.#left)))
  }

  /** Steps that were taken. */
  taken(): number {
    return Math.min(this.#most, this.#most - this.#left)
  }
}

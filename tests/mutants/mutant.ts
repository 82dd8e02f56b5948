/** One rule of the product, and how it looks broken. `rule` occurs once in `file`. */
export interface Mutant {
  /** From the root of the repository. */
  readonly file: string
  readonly what: string
  readonly rule: string
  readonly broken: string
}

/** One change of one key. `value` is absent for a deletion; revisions are unique and rise by one. */
export interface Change {
  readonly revision: number
  readonly key: string
  readonly value?: string
}

/**
 * Where changes become durable. One caller; `append` calls may overlap and are made durable in call order.
 * `append` resolves only when the batch survives power loss, all of it or, after a crash, none of it.
 */
export interface Driver {
  /** Every change still kept, in order of revision. Called once, before the first `append`. */
  load(): Promise<readonly Change[]>
  append(batch: readonly Change[]): Promise<void>
  close(): Promise<void>
}

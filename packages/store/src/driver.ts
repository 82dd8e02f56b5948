/** One change of one key. `value` is absent for a deletion; revisions are unique and rise by one. */
export interface Change {
  readonly revision: number
  readonly key: string
  readonly value?: string
}

/** What a driver kept: changes in order of revision, and the revision before which history was forgotten. */
export interface Kept {
  readonly changes: readonly Change[]
  readonly compacted: number
}

/**
 * Where changes become durable. One caller; `append` calls may overlap and are made durable in call order.
 * `append` resolves only when the batch survives power loss, all of it or, after a crash, none of it. After one failed
 * all later ones fail too: what is kept never has a gap.
 */
export interface Driver {
  /** Called once, before anything else. */
  load(): Promise<Kept>
  append(batch: readonly Change[]): Promise<void>
  /** Forgets the changes of these revisions, and that everything before `compacted` is history. Need not be durable at once. */
  forget(revisions: readonly number[], compacted: number): Promise<void>
  /** Resolves when all that was appended is written, or has failed, and the place is free for another. */
  close(): Promise<void>
}

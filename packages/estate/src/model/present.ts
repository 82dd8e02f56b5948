/** `T` with the properties that may be undefined made optional instead. */
export type Present<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** A copy without the properties that are undefined: in an estate, what the source does not show is absent. */
export function present<T extends object>(value: T): Present<T> {
  const result: Record<string, unknown> = {}
  // Called for each object of an estate: no array of entries is made.
  for (const key in value) {
    const each: unknown = value[key]
    if (each !== undefined) result[key] = each
  }
  return result as Present<T>
}

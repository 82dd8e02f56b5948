/** The way to a value, as a list from its end to the root (undefined); text is made only for messages. */
export interface Path {
  readonly parent: Path | undefined
  readonly key: string | number
}

/** `spec.disks[1].name`; '' for the root. */
export function fieldOf(path: Path | undefined): string {
  if (path === undefined) return ''
  const parent = fieldOf(path.parent)
  if (typeof path.key === 'number') return `${parent}[${path.key}]`
  return parent === '' ? path.key : `${parent}.${path.key}`
}

/** The value at `path` in `root`, undefined if there is none. */
export function valueAt(root: unknown, path: Path | undefined): unknown {
  if (path === undefined) return root
  const parent = valueAt(root, path.parent)
  if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, path.key)) return undefined
  return (parent as Readonly<Record<string | number, unknown>>)[path.key]
}

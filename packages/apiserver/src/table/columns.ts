import { ageOf } from './age.ts'
import { findByPath, parseJsonPath } from './json-path.ts'

/** A column: how it is announced, and a row's cell in it. Cells are texts, numbers, booleans or null. */
export interface Column {
  readonly header: ColumnHeader
  readonly cellOf: (object: unknown, nowMillis: number) => unknown
}

/** `meta.k8s.io/v1 TableColumnDefinition`. `priority` 1 shows only with `-o wide`. */
export interface ColumnHeader {
  readonly name: string
  readonly type: string
  readonly format: string
  readonly description: string
  readonly priority: number
}

/** Text of the first value at a path, '' if there is none. */
export const textAt =
  (path: string): ((object: unknown) => string) =>
  (object) => {
    const value = valuesAt(object, path)[0]
    return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value)
  }

/** All values at a path. */
export const valuesAt = (object: unknown, path: string): readonly unknown[] => findByPath(object, parseJsonPath(path) ?? [])

/** A column of a built-in kind. */
export const column = (
  name: string,
  cellOf: Column['cellOf'],
  more: { readonly wide?: boolean; readonly type?: string; readonly format?: string; readonly description?: string } = {},
): Column => ({
  header: {
    name,
    type: more.type ?? 'string',
    format: more.format ?? '',
    description: more.description ?? '',
    priority: more.wide === true ? 1 : 0,
  },
  cellOf,
})

/** The first column of every kind. */
export const nameColumn: Column = column('Name', textAt('.metadata.name'), {
  format: 'name',
  description: 'Name must be unique within a namespace.',
})

/** A column that shows how long ago the time at `path` was. */
export const ageColumn = (name: string, path: string): Column =>
  column(name, (object, nowMillis) => ageOf(valuesAt(object, path)[0], nowMillis))

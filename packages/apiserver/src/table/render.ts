import type { KindDefinition, KubernetesObject, PrinterColumn } from '@weir/api'
import { ageOf } from './age.ts'
import { builtinColumns } from './builtin-columns.ts'
import { ageColumn, type Column, type ColumnHeader, nameColumn, valuesAt } from './columns.ts'

/** `meta.k8s.io/v1 Table`: what kubectl prints. */
export interface Table {
  readonly kind: 'Table'
  readonly apiVersion: 'meta.k8s.io/v1'
  readonly metadata: Readonly<Record<string, unknown>>
  readonly columnDefinitions: readonly ColumnHeader[]
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object?: unknown }[]
}

export interface TableOptions {
  /** What a row carries of its object; `Metadata` is what Kubernetes does without the query parameter `includeObject`. */
  readonly includeObject?: 'None' | 'Metadata' | 'Object'
  /** Milliseconds since the Unix epoch, for ages. */
  readonly now: number
  /** `resourceVersion`, `continue` and `remainingItemCount` of the list. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** The objects as a table of the kind's columns: its own, those of a built-in kind, or else name and age. */
export function renderTable(definition: KindDefinition, objects: readonly KubernetesObject[], options: TableOptions): Table {
  const columns = columnsOf(definition)
  const { includeObject = 'Metadata', metadata = {}, now } = options
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map(({ header }) => header),
    rows: objects.map((object) => ({
      cells: columns.map(({ cellOf }) => cellOf(object, now)),
      ...(includeObject === 'None' ? {} : { object: includeObject === 'Object' ? object : toPartial(object) }),
    })),
  }
}

/** The object as `meta.k8s.io/v1 PartialObjectMetadata`. */
export const toPartial = ({ metadata }: KubernetesObject) => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
})

const known = new WeakMap<KindDefinition, readonly Column[]>()

function columnsOf(definition: KindDefinition): readonly Column[] {
  const cached = known.get(definition)
  if (cached !== undefined) return cached
  const columns = builtinColumns.get(`${definition.group}/${definition.kind}`) ?? customColumns(definition.columns ?? [])
  known.set(definition, columns)
  return columns
}

function customColumns(columns: readonly PrinterColumn[]): readonly Column[] {
  if (columns.length === 0) return [nameColumn, ageColumn('Age', '.metadata.creationTimestamp')]
  return [nameColumn, ...columns.map(customColumn)]
}

const customColumn = ({ name, type, jsonPath, format, description, priority }: PrinterColumn): Column => ({
  header: { name, type, format: format ?? '', description: description ?? '', priority: priority ?? 0 },
  cellOf: (object, now) => cell(valuesAt(object, jsonPath), type, now),
})

/** Texts are joined, of other types the first counts; what does not fit the type is left out. */
function cell(values: readonly unknown[], type: PrinterColumn['type'], now: number): unknown {
  const present = values.filter((value) => value !== null && value !== undefined)
  if (present.length === 0) return null
  const first = present[0]
  switch (type) {
    case 'string':
      return present.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(',')
    case 'integer':
      return typeof first === 'number' ? Math.floor(first) : null
    case 'number':
      return typeof first === 'number' ? first : null
    case 'boolean':
      return typeof first === 'boolean' ? first : null
    case 'date':
      return ageOf(first, now)
  }
}

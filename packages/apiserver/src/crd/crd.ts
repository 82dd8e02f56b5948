import type { Condition, KindDefinition, KubernetesObject, PrinterColumn, Schema } from '@weir/api'

/** `apiextensions.k8s.io/v1 CustomResourceDefinition`, the fields that are read here. */
export interface CustomResourceDefinition extends KubernetesObject {
  readonly spec: {
    readonly preserveUnknownFields?: boolean
    readonly group: string
    readonly scope: 'Namespaced' | 'Cluster'
    readonly names: CrdNames
    readonly versions: readonly CrdVersion[]
    readonly conversion?: { readonly strategy: string }
  }
  readonly status?: CrdStatus
}

export interface CrdNames {
  readonly kind: string
  readonly plural: string
  readonly singular?: string
  readonly listKind?: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
}

export interface CrdVersion {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly schema?: { readonly openAPIV3Schema?: Schema }
  readonly subresources?: { readonly status?: object }
  readonly additionalPrinterColumns?: readonly PrinterColumn[]
  readonly selectableFields?: readonly { readonly jsonPath: string }[]
}

export interface CrdStatus {
  readonly acceptedNames: CrdNames
  readonly conditions: readonly Condition[]
  readonly storedVersions: readonly string[]
}

/** True once its kinds are served. */
export const isEstablished = ({ status }: CustomResourceDefinition): boolean =>
  status?.conditions.some((condition) => condition.type === 'Established' && condition.status === 'True') === true

/** On every CustomResourceDefinition until its objects are deleted. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

/** Names as they are when nothing is left out. */
export const completeNames = (names: CrdNames): CrdNames => ({
  ...names,
  singular: names.singular ?? names.kind.toLowerCase(),
  listKind: names.listKind ?? `${names.kind}List`,
})

/** A kind of a definition. What was written before the revision `since` may lack defaults of its schema, and have fields too many. */
interface CustomKind extends KindDefinition {
  readonly since: number
  /** Paths that field selectors may name, without the leading dot. */
  readonly selectableFields: readonly string[]
}

/** What field selectors may name beyond the usual; [] for built-in kinds. */
export const selectableFieldsOf = (kind: KindDefinition | CustomKind): readonly string[] =>
  'selectableFields' in kind ? kind.selectableFields : []

/** The revision from which on objects are written by the schema of `kind`; 0 for built-in kinds. */
export const sinceOf = (kind: KindDefinition | CustomKind): number => ('since' in kind ? kind.since : 0)

/** The kinds of the served versions, the storage version first. They are served `since` this revision. */
export function kindDefinitionsOf(crd: CustomResourceDefinition, since = 0): readonly CustomKind[] {
  const served = crd.spec.versions.filter(({ served }) => served)
  return [...served.filter(({ storage }) => storage), ...served.filter(({ storage }) => !storage)].map((version) => ({
    ...kindOf(crd, version),
    since,
    selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./u, '')),
  }))
}

function kindOf({ spec }: CustomResourceDefinition, version: CrdVersion): KindDefinition {
  const { kind, plural, singular = kind.toLowerCase(), shortNames, categories } = spec.names
  return {
    group: spec.group,
    version: version.name,
    kind,
    plural,
    singular,
    ...(shortNames === undefined ? {} : { shortNames }),
    ...(categories === undefined ? {} : { categories }),
    namespaced: spec.scope === 'Namespaced',
    schema: version.schema?.openAPIV3Schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    statusSubresource: version.subresources?.status !== undefined,
    columns: version.additionalPrinterColumns ?? [],
  }
}

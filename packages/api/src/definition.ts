import type { KubernetesObject } from './meta.ts'

/**
 * A structural schema: the subset of OpenAPI v3 that a CustomResourceDefinition may use
 * (Kubernetes `apiextensions.k8s.io/v1 JSONSchemaProps`). Every level names its `type`.
 */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly description?: string
  readonly format?: string
  readonly default?: unknown
  readonly nullable?: boolean
  readonly enum?: readonly unknown[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: boolean
  readonly exclusiveMaximum?: boolean
  readonly multipleOf?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly not?: Schema
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-embedded-resource'?: boolean
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular'
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message?: string }[]
}

/** A column of `kubectl get`, as in CustomResourceDefinition `additionalPrinterColumns`. `priority` 1 shows only with `-o wide`. */
export interface PrinterColumn {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly jsonPath: string
  readonly description?: string
  readonly format?: string
  readonly priority?: number
}

declare const object: unique symbol

/** What the API needs to know of a kind: names, scope, schema, subresources, columns. `T` is the type of its objects. */
export interface KindDefinition<T extends KubernetesObject = KubernetesObject> {
  readonly [object]?: T
  /** '' for the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly namespaced: boolean
  readonly schema: Schema
  /** True if `status` is written only through the subresource. */
  readonly statusSubresource?: boolean
  readonly columns?: readonly PrinterColumn[]
}

/** `group/version`, or only the version for the core group. */
export const apiVersionOf = ({ group, version }: Pick<KindDefinition, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`

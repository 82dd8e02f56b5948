import type { KindDefinition, Schema } from '@weir/api'
import { isJsonObject } from '../schema/json.ts'
import { objectMetaSchema } from '../schema/object-meta.ts'

const prefix = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const refTo = (name: string): unknown => ({ $ref: `#/components/schemas/${name}` })

const listMeta = {
  description: 'Metadata of a list: its version, and where its next page begins.',
  type: 'object',
  properties: {
    continue: { type: 'string' },
    remainingItemCount: { type: 'integer', format: 'int64' },
    resourceVersion: { type: 'string' },
    selfLink: { type: 'string' },
  },
}

const deleteOptions = {
  description: 'How to delete.',
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    dryRun: { type: 'array', items: { type: 'string' } },
    gracePeriodSeconds: { type: 'integer', format: 'int64' },
    orphanDependents: { type: 'boolean' },
    preconditions: { type: 'object', properties: { resourceVersion: { type: 'string' }, uid: { type: 'string' } } },
    propagationPolicy: { type: 'string' },
  },
  'x-kubernetes-group-version-kind': [{ group: '', kind: 'DeleteOptions', version: 'v1' }],
}

const shared: Readonly<Record<string, unknown>> = {
  [`${prefix}.ObjectMeta`]: toOpenApi(objectMetaSchema),
  [`${prefix}.ListMeta`]: listMeta,
  [`${prefix}.DeleteOptions`]: deleteOptions,
  [`${prefix}.Patch`]: { description: 'A patch in the format of its content type.', type: 'object' },
  [`${prefix}.Status`]: { description: 'The outcome of a call that returns no object.', type: 'object' },
}

const upstreamPackages: Readonly<Record<string, string>> = {
  '': 'io.k8s.api.core',
  'coordination.k8s.io': 'io.k8s.api.coordination',
  'events.k8s.io': 'io.k8s.api.events',
  'storage.k8s.io': 'io.k8s.api.storage',
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
}

/** The name of a kind's schema: that of Kubernetes for its own kinds, else the group backwards (`io.kubevirt.v1.VirtualMachine`). */
export function schemaNameOf({ group, version, kind }: KindDefinition): string {
  const reversed = Object.hasOwn(upstreamPackages, group) ? upstreamPackages[group] : group.split('.').toReversed().join('.')
  return `${reversed}.${version}.${kind}`
}

/** The schemas of `kinds`, of their lists, and what they refer to. */
export function schemasOf(kinds: readonly KindDefinition[]): Readonly<Record<string, unknown>> {
  const own = kinds.flatMap((kind) => [
    [schemaNameOf(kind), objectSchema(kind)] as const,
    [`${schemaNameOf(kind)}List`, listSchema(kind)] as const,
  ])
  return { ...shared, ...Object.fromEntries(own) }
}

function objectSchema({ group, version, kind, schema }: KindDefinition): unknown {
  const root = toOpenApi(schema) as Readonly<Record<string, unknown>>
  return {
    ...root,
    type: 'object',
    properties: {
      apiVersion: { type: 'string', description: 'The group and version of this object, such as v1 or kubevirt.io/v1.' },
      kind: { type: 'string', description: 'The kind of this object.' },
      ...(root['properties'] as Readonly<Record<string, unknown>> | undefined),
      metadata: { description: 'Standard object metadata.', allOf: [refTo(`${prefix}.ObjectMeta`)], default: {} },
    },
    'x-kubernetes-group-version-kind': [{ group, kind, version }],
  }
}

function listSchema(definition: KindDefinition): unknown {
  const { group, version, kind } = definition
  return {
    description: `A list of ${kind} objects.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: refTo(`${prefix}.ListMeta`),
      items: { type: 'array', items: refTo(schemaNameOf(definition)) },
    },
    'x-kubernetes-group-version-kind': [{ group, kind: `${kind}List`, version }],
  }
}

/** A structural schema as OpenAPI 3.0 says it: int-or-string by `oneOf`, rules for servers left out. */
function toOpenApi(schema: Schema): unknown {
  const { 'x-kubernetes-int-or-string': intOrString, 'x-kubernetes-validations': _rules, properties, items, ...rest } = schema
  const { additionalProperties, allOf, anyOf, oneOf, not, ...plain } = rest
  const nested = (parts: readonly Schema[] | undefined): unknown => parts?.map(toOpenApi)
  const all: Readonly<Record<string, unknown>> = {
    ...plain,
    ...(properties === undefined ? {} : { properties: mapSchemas(properties) }),
    ...(items === undefined ? {} : { items: toOpenApi(items) }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: isJsonObject(additionalProperties) ? toOpenApi(additionalProperties) : additionalProperties }),
    allOf: nested(allOf),
    anyOf: nested(anyOf),
    oneOf: nested(oneOf),
    not: not === undefined ? undefined : toOpenApi(not),
  }
  const present = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  return intOrString === true
    ? { ...present, 'x-kubernetes-int-or-string': true, oneOf: [{ type: 'integer' }, { type: 'string' }] }
    : present
}

function mapSchemas(schemas: Readonly<Record<string, Schema>>): unknown {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, toOpenApi(schema)]))
}

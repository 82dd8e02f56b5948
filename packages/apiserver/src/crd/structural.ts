import type { Schema } from '@weir/api'
import { type Cause, forbidden, invalid, required } from '../schema/cause.ts'
import { own } from '../schema/json.ts'
import { compilePattern } from '../schema/pattern.ts'

const maxDepth = 60

/** What keeps a schema from being structural, [] if nothing. `field` is the path of the schema. */
export function structuralCauses(schema: Schema, field: string): readonly Cause[] {
  const root = schema.type === 'object' ? [] : [invalid(`${field}.type`, schema.type, 'must be object at the root')]
  return [...root, ...levelCauses(schema, { field, depth: 0 })]
}

interface Level {
  readonly field: string
  readonly depth: number
}

function levelCauses(schema: Schema, level: Level): readonly Cause[] {
  const { field, depth } = level
  if (depth > maxDepth) return [invalid(field, '...', `must not be nested deeper than ${maxDepth} levels`)]
  const below = (part: Schema, suffix: string): readonly Cause[] =>
    levelCauses(part, { field: `${field}.${suffix}`, depth: depth + 1 })
  const { additionalProperties } = schema
  return [
    ...typeCauses(schema, field),
    ...listCauses(schema, field),
    ...patternCauses(schema, field),
    ...combinationCauses(schema, level),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, part]) => below(part, `properties[${name}]`)),
    ...(schema.items === undefined ? [] : below(schema.items, 'items')),
    ...(typeof additionalProperties === 'object' ? below(additionalProperties, 'additionalProperties') : []),
  ]
}

function typeCauses(schema: Schema, field: string): readonly Cause[] {
  const causes: Cause[] = []
  const isFree = schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true
  if (schema.type === undefined && !isFree)
    causes.push(required(`${field}.type`, 'must not be empty for specified object fields'))
  if (schema.type === 'array' && schema.items === undefined) causes.push(required(`${field}.items`, 'must be specified'))
  if (schema.properties !== undefined && schema.additionalProperties !== undefined) {
    causes.push(forbidden(`${field}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'))
  }
  if (schema.uniqueItems === true) {
    causes.push(forbidden(`${field}.uniqueItems`, "uniqueItems cannot be set to true: use 'x-kubernetes-list-type: set'"))
  }
  if (Object.hasOwn(schema, '$ref')) causes.push(forbidden(`${field}.$ref`, '$ref is not supported'))
  return causes
}

function listCauses(schema: Schema, field: string): readonly Cause[] {
  if (schema['x-kubernetes-list-type'] !== 'map') return []
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const at = `${field}.x-kubernetes-list-map-keys`
  if (keys.length === 0) return [required(at, 'must not be empty if x-kubernetes-list-type is map')]
  return keys
    .filter((key) => own(schema.items?.properties, key) === undefined)
    .map((key) => invalid(at, key, 'entries have to be property names of the items'))
}

const patternCauses = ({ pattern }: Schema, field: string): readonly Cause[] =>
  pattern === undefined || compilePattern(pattern) !== undefined
    ? []
    : [invalid(`${field}.pattern`, pattern, 'must be a valid regular expression of RE2')]

const onlyOutside = ['type', 'default', 'additionalProperties', 'nullable', 'description'] as const

/** Inside allOf, anyOf, oneOf and not there are rules about values only; what the fields are is said outside. */
function combinationCauses({ allOf = [], anyOf = [], oneOf = [], not }: Schema, level: Level): readonly Cause[] {
  const named = [...listed('allOf', allOf), ...listed('anyOf', anyOf), ...listed('oneOf', oneOf)]
  const parts = not === undefined ? named : [...named, ['not', not] as const]
  return parts.flatMap(([name, part]) => ruleCauses(part, { field: `${level.field}.${name}`, depth: level.depth + 1 }))
}

const listed = (name: string, parts: readonly Schema[]) => parts.map((part, index) => [`${name}[${index}]`, part] as const)

function ruleCauses(schema: Schema, level: Level): readonly Cause[] {
  if (level.depth > maxDepth) return [invalid(level.field, '...', `must not be nested deeper than ${maxDepth} levels`)]
  const words = 'must be empty to be structural'
  const wrong = onlyOutside.filter((key) => schema[key] !== undefined && !isIntOrStringRule(schema, key))
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, part]) =>
    ruleCauses(part, { field: `${level.field}.properties[${name}]`, depth: level.depth + 1 }),
  )
  return [
    ...wrong.map((key) => forbidden(`${level.field}.${key}`, words)),
    ...patternCauses(schema, level.field),
    ...below,
    ...(schema.items === undefined ? [] : ruleCauses(schema.items, { field: `${level.field}.items`, depth: level.depth + 1 })),
    ...combinationCauses(schema, level),
  ]
}

/** `anyOf: [{type: integer}, {type: string}]` is how generators write int-or-string. */
const isIntOrStringRule = (schema: Schema, key: string): boolean =>
  key === 'type' && (schema.type === 'integer' || schema.type === 'string') && Object.keys(schema).length === 1

import type { Schema } from '@weir/api'
import type { Cause } from './cause.ts'
import { createDefaulter } from './defaults.ts'
import type { JsonObject } from './json.ts'
import { asRoot } from './object-meta.ts'
import { createPruner } from './prune.ts'
import { createValidator } from './validate.ts'

/** The rules of one kind. Results share unchanged parts with what was given; nothing given is modified. */
export interface CompiledSchema {
  /** What is wrong, [] if nothing. With `old`, what was wrong before and is unchanged is tolerated (ratcheting). At most 100 causes. */
  validate(object: JsonObject, old?: JsonObject): readonly Cause[]
  /** The object without the fields the schema does not know; `unknown` names them (`spec.disks[0].colour`). Idempotent. */
  prune(object: JsonObject): { readonly object: JsonObject; readonly unknown: readonly string[] }
  /** The object with the defaults of absent fields, and without nulls where null is not allowed. Idempotent. */
  applyDefaults(object: JsonObject): JsonObject
}

const compiled = new WeakMap<Schema, CompiledSchema>()

/**
 * The rules of a kind's root schema; the same schema object gives the same rules. Cheap: parts are prepared at first use.
 * The order of a write is prune, applyDefaults, validate.
 */
export function compileSchema(schema: Schema): CompiledSchema {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const root = asRoot(schema)
  const validate = createValidator(root)
  const prune = createPruner(root)
  const applyDefaults = createDefaulter(root)
  const rules: CompiledSchema = { validate, prune, applyDefaults }
  compiled.set(schema, rules)
  return rules
}

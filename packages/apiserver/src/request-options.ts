import { decodeBody } from './body.ts'
import { badRequest } from './failure.ts'
import type { DeletionOptions, WriteOptions } from './objects.ts'
import type { ApiRequest } from './request.ts'
import { isJsonObject, type JsonObject } from './schema/json.ts'

/** What the query of a write says of it; warnings go to `warn`. @throws 400 */
export function writeOptionsOf(query: URLSearchParams, warn: (text: string) => void): WriteOptions {
  const asked = query.get('fieldValidation')
  if (asked !== null && asked !== '' && !['Strict', 'Warn', 'Ignore'].includes(asked))
    throw badRequest("fieldValidation must be 'Strict', 'Warn' or 'Ignore'")
  return {
    dryRun: isDryRun(query.get('dryRun')),
    fieldValidation: asked === 'Strict' || asked === 'Ignore' ? asked : 'Warn',
    warn,
  }
}

function isDryRun(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return false
  if (value === 'All' || (Array.isArray(value) && value.length === 1 && value[0] === 'All')) return true
  if (Array.isArray(value) && value.length === 0) return false
  throw badRequest("dryRun must be 'All'")
}

/** What the query and the body (`DeleteOptions`) of a deletion say of it. @throws 400, 413, 415 */
export async function deletionOptionsOf(request: ApiRequest): Promise<DeletionOptions> {
  const { value } = await decodeBody(request)
  const body: JsonObject = isJsonObject(value) ? value : {}
  const policy =
    request.query.get('propagationPolicy') ??
    body['propagationPolicy'] ??
    (body['orphanDependents'] === true ? 'Orphan' : 'Background')
  if (policy !== 'Background' && policy !== 'Foreground' && policy !== 'Orphan')
    throw badRequest("propagationPolicy must be 'Background', 'Foreground' or 'Orphan'")
  const preconditions = isJsonObject(body['preconditions']) ? body['preconditions'] : {}
  const { uid, resourceVersion } = preconditions
  return {
    dryRun: isDryRun(request.query.get('dryRun')) || isDryRun(body['dryRun']),
    policy,
    uid: typeof uid === 'string' ? uid : undefined,
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : undefined,
  }
}

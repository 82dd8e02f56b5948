import { apiVersionOf, type KindDefinition, type KubernetesObject } from '@weir/api'
import type { Entry } from '@weir/store'
import { sinceOf } from './crd/crd.ts'
import { compileSchema } from './schema/compile.ts'

/** Where objects of a kind lie in the log; all versions of a kind share one place. */
export const prefixOf = ({ group, plural }: Pick<KindDefinition, 'group' | 'plural'>, namespace?: string): string =>
  `/${group}/${plural}/${namespace === undefined ? '' : `${namespace}/`}`

/** The key of one object; cluster-scoped objects have an empty namespace. */
export const storedKey = (kind: Pick<KindDefinition, 'group' | 'plural'>, namespace: string, name: string): string =>
  `${prefixOf(kind, namespace)}${name}`

/**
 * The text of an object for the log, made when its revision is known. apiVersion, kind and resourceVersion come first, so
 * that both can be changed in the text without reading it again.
 */
export function serialize(object: KubernetesObject): (revision: number) => string {
  const { apiVersion, kind, metadata, ...rest } = object
  const text = JSON.stringify({ apiVersion, kind, metadata: { ...metadata, resourceVersion: undefined }, ...rest })
  const start = text.indexOf('"metadata":{') + '"metadata":{'.length
  const separator = text[start] === '}' ? '' : ','
  return (revision) => `${text.slice(0, start)}"resourceVersion":"${revision}"${separator}${text.slice(start)}`
}

/** The stored text as the last state of an object deleted at `revision`. */
export const withRevision = (text: string, revision: number): string =>
  text.replace(/"resourceVersion":"\d+"/u, `"resourceVersion":"${revision}"`)

/**
 * The stored text as `kind` serves it. Mostly it is that already. What was written in another version, or before its schema
 * changed, gets the version's name (conversion `None`), loses the fields that it does not know and gets its defaults.
 */
export function asServed(text: string, kind: KindDefinition): string {
  const isOfVersion = text.startsWith(`{"apiVersion":"${apiVersionOf(kind)}"`)
  const since = sinceOf(kind)
  if (isOfVersion && (since === 0 || revisionIn(text) >= since)) return text
  const schema = compileSchema(kind.schema)
  const stored = { ...parseStored(text), apiVersion: apiVersionOf(kind) }
  const served = schema.applyDefaults(schema.prune(stored).object)
  return serialize(served as unknown as KubernetesObject)(revisionIn(text))
}

const version = '"resourceVersion":"'

/** The resourceVersion in a stored text. It stands first in the metadata, before anything that a user wrote. */
function revisionIn(text: string): number {
  const start = text.indexOf(version) + version.length
  return Number(text.slice(start, text.indexOf('"', start)))
}

const leaving = '"deletionTimestamp"'
const owned = '"ownerReferences":['

/** True if the object is being deleted. Most are not, and the text says so without being read. */
export const isLeaving = (text: string): boolean =>
  text.includes(leaving) && parseStored(text).metadata.deletionTimestamp !== undefined

/** False if the object surely has no owner and is not being deleted; told from the text without reading it. */
export const mayBeOwnedOrLeaving = (text: string): boolean => text.includes(owned) || text.includes(leaving)

/** The object of a stored text. */
export const parseStored = (text: string): KubernetesObject => JSON.parse(text) as KubernetesObject

/** The object of an entry. */
export const objectOf = ({ value }: Entry): KubernetesObject => parseStored(value)

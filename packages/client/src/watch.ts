import type { KindDefinition, KubernetesObject, WatchEvent } from '@weir/api'
import { asFailure, open } from './calls.ts'
import type { WatchOptions } from './client.ts'
import { failureOf } from './failure.ts'
import { badAnswer, decodeLines, parseJson } from './lines.ts'
import { collectionPath, watchQuery, withQuery } from './paths.ts'
import type { Transport } from './transport.ts'

/** Longer than any object that a Kubernetes store accepts (1.5 MiB) with its managed fields. */
const maxLineBytes = 16 * 1024 * 1024

/** A watch event that is not an error. */
export type ChangeEvent<T extends KubernetesObject> = Exclude<WatchEvent<T>, { type: 'ERROR' }>

interface Source<T extends KubernetesObject> {
  readonly transport: Transport
  readonly kind: KindDefinition<T>
}

/** As `Client.watch`. Leaving the loop ends the request. */
export async function* watchEvents<T extends KubernetesObject>(
  { transport, kind }: Source<T>,
  options: WatchOptions,
): AsyncGenerator<ChangeEvent<T>, void> {
  const isAborted = (): boolean => options.signal?.aborted === true
  if (isAborted()) return
  const left = new AbortController()
  const signal = options.signal === undefined ? left.signal : AbortSignal.any([options.signal, left.signal])
  const call = { method: 'GET', path: withQuery(collectionPath(kind, options.namespace), watchQuery(options)), signal }
  try {
    const response = await open(transport, call)
    for await (const line of decodeLines(response.body, maxLineBytes)) yield parseEvent<T>(line)
  } catch (error) {
    if (!isAborted()) throw asFailure(error, call)
  } finally {
    left.abort()
  }
}

const types: readonly unknown[] = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']

function parseEvent<T extends KubernetesObject>(line: string): ChangeEvent<T> {
  const event = parseJson(line) as { readonly type?: unknown; readonly object?: { readonly metadata?: unknown } } | null
  if (event?.type === 'ERROR') throw failureOf(500, event.object, 'a watch')
  if (!types.includes(event?.type) || typeof event?.object?.metadata !== 'object') {
    throw badAnswer(`The API server sent an unknown watch event: '${line.slice(0, 80)}'`)
  }
  return event as unknown as ChangeEvent<T>
}

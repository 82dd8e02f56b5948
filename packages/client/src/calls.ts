import { isWeirError, WeirError } from '@weir/base'
import { failureOf } from './failure.ts'
import { parseJson, readText } from './lines.ts'
import type { Transport, TransportResponse } from './transport.ts'

/** A request with a JSON body. */
export interface Call {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly contentType?: string
  readonly signal?: AbortSignal | undefined
}

/** The answer's head; its body is still to be read. @throws as `Client`. */
export async function open(transport: Transport, call: Call): Promise<TransportResponse> {
  call.signal?.throwIfAborted()
  const response = await guarded(call, () =>
    transport.request({
      method: call.method,
      path: call.path,
      headers: {
        accept: 'application/json',
        ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    }),
  )
  if (response.code < 300) return response
  const text = await guarded(call, () => readText(response.body))
  throw failureOf(response.code, tryParse(text), `${call.method} ${call.path}`)
}

/** The JSON of a good answer, undefined if it is empty. @throws as `Client`. */
export async function send(transport: Transport, call: Call): Promise<unknown> {
  const response = await open(transport, call)
  const text = await guarded(call, () => readText(response.body))
  return text === '' ? undefined : parseJson(text)
}

/** What a stream or a transport throws becomes the signal's reason if it aborted, else a WeirError. */
export function asFailure(error: unknown, call: Call): unknown {
  if (call.signal?.aborted === true) return call.signal.reason
  if (isWeirError(error)) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new WeirError('CLIENT_UNREACHABLE', `The connection of ${call.method} ${call.path} broke: ${reason}`, { cause: error })
}

async function guarded<R>(call: Call, action: () => Promise<R>): Promise<R> {
  try {
    return await action()
  } catch (error) {
    throw asFailure(error, call)
  }
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

import { WeirError } from '@weir/base'
import type { Transport, TransportRequest, TransportResponse } from '@weir/client'

/**
 * What happens to one request: it passes; it never arrives ('unreachable'); it is carried out and its answer is lost
 * ('lost'), the case in which a caller cannot know; it is carried out and its answer breaks off half-way ('cut'), a watch
 * within its first events; the server answers that another writer was first ('conflict'); or it is overloaded ('busy').
 */
export type Fault = 'pass' | 'unreachable' | 'lost' | 'cut' | 'conflict' | 'busy'

/** `transport` with the faults that `decide` orders, request by request. */
export const createFaultyTransport = (transport: Transport, decide: (request: TransportRequest) => Fault): Transport => ({
  async request(request) {
    const fault = decide(request)
    switch (fault) {
      case 'unreachable':
        throw unreachable(request)
      case 'conflict':
        return failure(409, 'Conflict')
      case 'busy':
        return failure(429, 'TooManyRequests')
      case 'pass':
        return transport.request(request)
      case 'cut':
        return cutOff(await transport.request(request), request)
      case 'lost':
        await drop(await transport.request(request))
        throw unreachable(request)
    }
  },
})

const unreachable = ({ method, path }: TransportRequest): WeirError =>
  new WeirError('CLIENT_UNREACHABLE', `no answer to ${method} ${path}: the test cut the line`)

/** Lets go of an answer unread: a watch would never end by itself. */
async function drop({ body }: TransportResponse): Promise<void> {
  await body[Symbol.asyncIterator]().return?.()
}

const cutOff = ({ body, ...head }: TransportResponse, request: TransportRequest): TransportResponse => ({
  ...head,
  body: half(body, request),
})

async function* half(body: AsyncIterable<Uint8Array>, request: TransportRequest): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    yield piece.subarray(0, Math.ceil(piece.length / 2))
    break
  }
  throw unreachable(request)
}

const failure = (code: number, reason: string): TransportResponse => ({
  code,
  headers: { 'content-type': 'application/json', ...(code === 429 ? { 'retry-after': '1' } : {}) },
  body: oneOf(
    JSON.stringify({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `the test says ${reason}`,
      reason,
      code,
    }),
  ),
})

async function* oneOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

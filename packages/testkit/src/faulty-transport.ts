import { WeirError } from '@weir/base'
import type { Transport, TransportRequest } from '@weir/client'

/**
 * What happens to one request: it passes; it never arrives ('unreachable'); it is carried out and its answer is lost
 * ('lost'), the case in which a caller cannot know; the server answers that another writer was first ('conflict'); or it is
 * overloaded ('busy').
 */
export type Fault = 'pass' | 'unreachable' | 'lost' | 'conflict' | 'busy'

/** `transport` with the faults that `decide` orders, request by request. */
export const createFaultyTransport = (transport: Transport, decide: (request: TransportRequest) => Fault): Transport => ({
  async request(request) {
    const fault = decide(request)
    if (fault === 'unreachable') throw unreachable(request)
    if (fault === 'conflict') return failure(409, 'Conflict')
    if (fault === 'busy') return failure(429, 'TooManyRequests')
    const answer = await transport.request(request)
    if (fault === 'pass') return answer
    for await (const _ of answer.body) void _
    throw unreachable(request)
  },
})

const unreachable = ({ method, path }: TransportRequest): WeirError =>
  new WeirError('CLIENT_UNREACHABLE', `no answer to ${method} ${path}: the test cut the line`)

const failure = (code: number, reason: string): Awaited<ReturnType<Transport['request']>> => ({
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

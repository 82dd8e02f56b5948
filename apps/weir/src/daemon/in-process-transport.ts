import type { ApiServer, User } from '@weir/apiserver'
import type { Transport } from '@weir/client'

/** The way to an API server of this process, as `user`. Bodies pass as they are; nothing is encrypted or copied to a socket. */
export const inProcessTransport = (server: Pick<ApiServer, 'handle'>, user: User): Transport => ({
  request: async ({ method, path, headers, body, signal }) => {
    const [plain = '/', query = ''] = path.split('?')
    const response = await server.handle({
      method,
      path: plain,
      query: new URLSearchParams(query),
      headers,
      user,
      body: typeof body === 'string' ? bytesOf(body) : (body ?? bytesOf('')),
      signal: signal ?? new AbortController().signal,
    })
    return {
      code: response.code,
      headers: response.headers,
      body: typeof response.body === 'string' ? bytesOf(response.body) : encode(response.body),
    }
  },
})

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  if (text !== '') yield Buffer.from(text)
}

async function* encode(pieces: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield Buffer.from(piece)
}

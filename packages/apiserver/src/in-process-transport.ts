import type { ApiServer } from './create-api-server.ts'
import type { ApiResponse, User } from './request.ts'

/** What a client of this process asks: a path with its query, and a body as text or as a stream. */
interface InProcessRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | AsyncIterable<Uint8Array>
  readonly signal?: AbortSignal
}

/** The answer, with its body as bytes. */
interface InProcessAnswer {
  readonly code: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * The way to an API server of this process, as `user`; it fits the client's Transport. Bodies pass as they are: nothing is
 * encrypted or copied to a socket.
 */
export const inProcessTransport = (
  server: Pick<ApiServer, 'handle'>,
  user: User,
): { readonly request: (request: InProcessRequest) => Promise<InProcessAnswer> } => ({
  request: async ({ method, path, headers, body, signal }) => {
    const [plain = '/', query = ''] = path.split('?')
    const response = await server.handle({
      method,
      path: plain,
      query: new URLSearchParams(query),
      headers,
      user,
      body: typeof body === 'string' ? bytesOf([body]) : (body ?? bytesOf([])),
      signal: signal ?? new AbortController().signal,
    })
    return { code: response.code, headers: response.headers, body: bytesOf(piecesOf(response)) }
  },
})

const piecesOf = ({ body }: ApiResponse): AsyncIterable<string> | readonly string[] => (typeof body === 'string' ? [body] : body)

async function* bytesOf(pieces: AsyncIterable<string> | readonly string[]): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) if (piece !== '') yield Buffer.from(piece)
}

/** HTTP/1.1 over TLS (RFC 9112), one request at a time on a connection that stays: the least that a client of the API can do. */
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'

/** Where the server is, and who asks. PEM texts. */
export interface Access {
  readonly port: number
  readonly ca: string
  readonly cert: string
  readonly key: string
}

export interface Answer {
  readonly code: number
  readonly body: Buffer
}

/** One connection. `ask` rejects when the connection breaks, and answers any status code. */
export interface Connection {
  readonly socket: TLSSocket
  ask(method: string, path: string, body?: string): Promise<Answer>
  close(): void
}

/** Connects to a server on loopback. */
export async function openConnection({ port, ca, cert, key }: Access): Promise<Connection> {
  const socket = connect({ port, host: '127.0.0.1', ca, cert, key })
  await once(socket, 'secureConnect')
  socket.setNoDelay(true)
  let waiting: PromiseWithResolvers<Answer> | undefined
  let receive = answerReader()
  socket.on('data', (chunk: Buffer) => {
    const answer = receive(chunk)
    if (answer === undefined) return
    receive = answerReader()
    waiting?.resolve(answer)
  })
  socket.on('error', (error) => waiting?.reject(error))
  socket.on('close', () => waiting?.reject(new Error('the connection is closed')))
  return {
    socket,
    ask: (method, path, body = '') => {
      waiting = Promise.withResolvers()
      socket.write(requestText(method, path, body))
      return waiting.promise
    },
    close: () => socket.destroy(),
  }
}

/** A request as text: head and body leave in one write. */
export const requestText = (method: string, path: string, body = ''): string =>
  `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

/** Takes pieces of an answer, and returns it with the last of them. Its length must be told, or it must come in chunks. */
function answerReader(): (piece: Buffer) => Answer | undefined {
  const pieces: Buffer[] = []
  let size = 0
  let head: { readonly code: number; readonly start: number; readonly end: number } | undefined
  return (piece) => {
    pieces.push(piece)
    size += piece.length
    head ??= headOf(pieces.length === 1 ? piece : Buffer.concat(pieces))
    if (head === undefined || size < head.end) return undefined
    const isChunked = head.end === Number.MIN_SAFE_INTEGER
    const tail = piece.length < 5 ? Buffer.concat(pieces.slice(-2)) : piece
    if (isChunked && !tail.subarray(-5).equals(lastChunk)) return undefined
    const body = Buffer.concat(pieces).subarray(head.start)
    return { code: head.code, body: isChunked ? unchunked(body) : body }
  }
}

/** Code, start and end of the body, the end the least of all numbers if it comes in chunks; undefined while the head is not whole. */
function headOf(bytes: Buffer) {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const head = bytes.toString('latin1', 0, headEnd)
  const length = /\r\ncontent-length: (\d+)/iu.exec(head)?.[1]
  const start = headEnd + 4
  return { code: Number(head.slice(9, 12)), start, end: length === undefined ? Number.MIN_SAFE_INTEGER : start + Number(length) }
}

const lastChunk = Buffer.from('0\r\n\r\n')

function unchunked(body: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; ;) {
    const lineEnd = body.indexOf('\r\n', at)
    const length = Number.parseInt(body.toString('latin1', at, lineEnd), 16)
    if (!(length > 0)) return Buffer.concat(parts)
    parts.push(body.subarray(lineEnd + 2, lineEnd + 2 + length))
    at = lineEnd + 2 + length + 2
  }
}

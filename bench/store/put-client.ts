/**
 * etcd's `KV/Put` as a client makes it: gRPC, which is HTTP/2 (RFC 9113) with a 5-byte frame around a protobuf message. Written
 * by hand on a socket, so that the client costs the benchmark as little as the HTTP/1.1 client that it is compared with.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export const putPath = '/etcdserverpb.KV/Put'

/** A length before bytes: seven bits in a byte (protobuf), the last byte below 128. */
function varint(number: number): Buffer {
  const bytes: number[] = []
  let left = number
  for (; left > 127; left >>>= 7) bytes.push((left & 127) | 128)
  return Buffer.from([...bytes, left])
}

/** A protobuf field of bytes. */
function field(number: number, text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes])
}

/** The gRPC frame of `PutRequest { key = 1; value = 2 }`. */
function encodePut(key: string, value: string): Buffer {
  const message = Buffer.concat([field(1, key), field(2, value)])
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

/** Key and value of a frame made by `encodePut`. */
export function decodePut(frame: Buffer): readonly [key: string, value: string] {
  const texts: string[] = []
  for (let at = 5; at < frame.length;) {
    at++
    let length = 0
    for (let shift = 0; ; shift += 7) {
      const byte = frame[at++] ?? 0
      length |= (byte & 127) << shift
      if (byte < 128) break
    }
    texts.push(frame.toString('utf8', at, at + length))
    at += length
  }
  return [texts[0] ?? '', texts[1] ?? '']
}

const frameTypes = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 } as const
const flags = { end: 1, ack: 1, endHeaders: 4 } as const

function frame(type: number, flag: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flag, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A header field without compression (RFC 7541, 6.2.2), its name from the static table or spelt out. */
function header(name: number | string, value: string): Buffer {
  const literal = (text: string): Buffer => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])
  const start =
    typeof name === 'string'
      ? Buffer.concat([Buffer.from([0]), literal(name)])
      : Buffer.from(name < 15 ? [name] : [15, name - 15])
  return Buffer.concat([start, literal(value)])
}

/** `POST`, `http`, the path, the authority, the content type, and that trailers are read. */
const requestHeaders = Buffer.concat([
  Buffer.from([0x83, 0x86]),
  header(4, putPath),
  header(1, 'localhost'),
  header(31, 'application/grpc'),
  header('te', 'trailers'),
])

const setting = (id: number, value: number): Buffer => {
  const bytes = Buffer.alloc(6)
  bytes.writeUInt16BE(id, 0)
  bytes.writeUInt32BE(value, 2)
  return bytes
}
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** No table of headers, no push, and windows that answers never fill. */
const preface = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  frame(frameTypes.settings, 0, 0, Buffer.concat([setting(1, 0), setting(2, 0)])),
  frame(frameTypes.windowUpdate, 0, 0, uint32(0x7f_00_00_00)),
])

/** Connections to a server of puts, shared evenly by its writers. `put` rejects unless the server says that it is done. */
export interface PutClient {
  put(writer: number, key: string, value: string): Promise<void>
  close(): void
}

/** Connects to a server on loopback. */
export async function connectPutClient(port: number, connectionCount: number): Promise<PutClient> {
  const connections = await Promise.all(Array.from({ length: connectionCount }, () => openConnection(port)))
  return {
    put: (writer, key, value) => connections[writer % connectionCount]?.put(key, value) ?? Promise.reject(new Error('none')),
    close: () => {
      for (const { socket } of connections) socket.destroy()
    },
  }
}

interface Waiting {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
  hasAnswer: boolean
}

async function openConnection(
  port: number,
): Promise<{ readonly socket: Socket; readonly put: (key: string, value: string) => Promise<void> }> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.setNoDelay(true)
  socket.write(preface)
  const waiting = new Map<number, Waiting>()
  /** Bytes that the server still takes; it gives more before 16 writers with 1 KB each use them up. */
  let window = 65_535
  let nextStream = 1
  const fail = (error: Error): void => {
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  const end = (stream: number, isDone: boolean): void => {
    const call = waiting.get(stream)
    waiting.delete(stream)
    if (isDone) call?.resolve()
    else call?.reject(new Error(`put: stream ${stream} failed`))
  }
  onFrames(socket, (type, flag, stream, payload) => {
    const call = waiting.get(stream)
    if (type === frameTypes.settings && (flag & flags.ack) === 0)
      socket.write(frame(frameTypes.settings, flags.ack, 0, Buffer.alloc(0)))
    else if (type === frameTypes.ping && (flag & flags.ack) === 0) socket.write(frame(frameTypes.ping, flags.ack, 0, payload))
    else if (type === frameTypes.windowUpdate && stream === 0) window += payload.readUInt32BE()
    else if (type === frameTypes.goAway) fail(new Error('the server goes away'))
    else if (type === frameTypes.reset) end(stream, false)
    else if (type === frameTypes.data && call !== undefined) call.hasAnswer = payload.length > 0
    // A put that failed has trailers and no message before them.
    else if (type === frameTypes.headers && (flag & flags.end) !== 0) end(stream, call?.hasAnswer === true)
  })
  socket.on('close', () => fail(new Error('the connection is closed')))
  return {
    socket,
    put: (key, value) =>
      new Promise((resolve, reject) => {
        const message = encodePut(key, value)
        window -= message.length
        if (window < 0) throw new Error('the server takes nothing more: use more connections')
        const stream = nextStream
        nextStream += 2
        waiting.set(stream, { resolve, reject, hasAnswer: false })
        socket.write(
          Buffer.concat([
            frame(frameTypes.headers, flags.endHeaders, stream, requestHeaders),
            frame(frameTypes.data, flags.end, stream, message),
          ]),
        )
      }),
  }
}

type OnFrame = (type: number, flag: number, stream: number, payload: Buffer) => void

function onFrames(socket: Socket, onFrame: OnFrame): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (bytes.length >= 9) {
      const length = bytes.readUIntBE(0, 3)
      if (bytes.length < 9 + length) break
      onFrame(bytes.readUInt8(3), bytes.readUInt8(4), bytes.readUInt32BE(5) & 0x7f_ff_ff_ff, bytes.subarray(9, 9 + length))
      bytes = bytes.subarray(9 + length)
    }
    rest = bytes
  })
}

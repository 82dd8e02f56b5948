/**
 * etcd's `KV/Put` as a client makes it: gRPC, which is HTTP/2 with a 5-byte frame around a protobuf message. Written by hand
 * because etcd's JSON gateway would cost it a second server and a translation per call.
 */
import { once } from 'node:events'
import { type ClientHttp2Session, connect } from 'node:http2'

export const putPath = '/etcdserverpb.KV/Put'

/** A protobuf field of bytes. */
function field(number: number, text: string): Buffer {
  const bytes = Buffer.from(text)
  const head = [(number << 3) | 2]
  for (let left = bytes.length; ; left >>>= 7) {
    if (left < 128) {
      head.push(left)
      break
    }
    head.push((left & 127) | 128)
  }
  return Buffer.concat([Buffer.from(head), bytes])
}

/** The gRPC frame of `PutRequest { key = 1; value = 2 }`. */
export function encodePut(key: string, value: string): Buffer {
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

/** A client with one connection per 16 writers. `put` rejects unless the server says that it is done. */
export interface PutClient {
  put(writer: number, key: string, value: string): Promise<void>
  close(): void
}

/** Connects to a server on loopback. */
export async function connectPutClient(port: number, writers: number): Promise<PutClient> {
  const sessions = Array.from({ length: Math.ceil(writers / 16) }, () => connect(`http://127.0.0.1:${port}`))
  await Promise.all(sessions.map((session) => once(session, 'connect')))
  return {
    put: (writer, key, value) => call(sessions[writer % sessions.length] as ClientHttp2Session, encodePut(key, value)),
    close: () => {
      for (const session of sessions) session.close()
    },
  }
}

function call(session: ClientHttp2Session, frame: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': putPath,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    let status: unknown
    stream.on('response', (headers) => (status = headers['grpc-status']))
    stream.on('trailers', (headers) => (status = headers['grpc-status']))
    stream.on('error', reject)
    stream.on('close', () => (status === '0' ? resolve() : reject(new Error(`put: grpc-status ${String(status)}`))))
    stream.resume()
    stream.end(frame)
  })
}

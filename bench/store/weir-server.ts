/** The revision log behind etcd's `KV/Put`, in a process of its own: what `etcd.ts` compares with the same client. Prints its port. */
import { createServer } from 'node:http2'
import { createSqliteDriver, openRevisionLog } from '@weir/store'
import { decodePut, putPath } from './put-client.ts'

const log = await openRevisionLog(createSqliteDriver(process.argv[2] ?? ''))
/** An empty PutResponse. */
const answer = Buffer.alloc(5)

const server = createServer()
server.on('stream', (stream, headers) => {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.on('end', () => {
    const [key, value] = decodePut(Buffer.concat(chunks))
    if (headers[':path'] !== putPath) {
      stream.respond({ ':status': 200, 'grpc-status': '12' }, { endStream: true })
      return
    }
    log.commit({ key, value }).then(
      () => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
        stream.end(answer)
      },
      () => stream.respond({ ':status': 200, 'grpc-status': '13' }, { endStream: true }),
    )
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(typeof address === 'object' ? address?.port : address)
})
process.on('SIGTERM', () => {
  void log.close().then(() => process.exit())
})

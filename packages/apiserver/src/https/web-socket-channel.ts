import type { ByteChannel } from '@weir/api'
import type { WebSocket } from 'ws'

const pingMillis = 30_000
const maxWaiting = 256

/** A WebSocket as a ByteChannel. A peer that does not answer pings is given up. */
export function webSocketChannel(socket: WebSocket): ByteChannel {
  const waiting: Uint8Array[] = []
  let wake: () => void = () => {}
  let isClosed = false
  let isAlive = true
  const timer = setInterval(() => {
    if (!isAlive) socket.terminate()
    isAlive = false
    if (socket.readyState === socket.OPEN) socket.ping()
  }, pingMillis)
  timer.unref()
  socket.on('pong', () => (isAlive = true))
  socket.on('error', () => socket.terminate())
  socket.on('message', (data) => {
    isAlive = true
    waiting.push(Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : new Uint8Array(data))
    if (waiting.length >= maxWaiting) socket.pause()
    wake()
  })
  socket.on('close', () => {
    isClosed = true
    clearInterval(timer)
    wake()
  })
  return {
    protocol: socket.protocol,
    incoming: (async function* messages() {
      for (;;) {
        const next = waiting.shift()
        if (next !== undefined) {
          if (socket.isPaused && waiting.length < maxWaiting / 2) socket.resume()
          yield next
        } else if (isClosed) return
        else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    })(),
    send: (bytes) =>
      new Promise((resolve, reject) => {
        socket.send(bytes, { binary: true }, (error) => (error ? reject(error) : resolve()))
      }),
    close: (code = 1000, reason = '') => socket.close(code, reason.slice(0, 120)),
  }
}

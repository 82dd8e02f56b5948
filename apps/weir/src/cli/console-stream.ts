import { virtualMachineInstance } from '@weir/api'
import { WeirError } from '@weir/base'
import { WebSocket } from 'ws'
import { identityHeaders, tlsOptions, unreachable } from './https-transport.ts'
import type { Session } from './session.ts'
import { orNotRunning, subresourcePath } from './verbs.ts'

/** The serial console of a running machine. */
export interface ConsoleStream {
  /** Ends when the machine or the connection does. One reader. */
  readonly incoming: AsyncIterable<Buffer>
  write(bytes: Uint8Array): void
  close(): void
}

/**
 * Connects to the console of machine `name` (KubeVirt's `plain.kubevirt.io` subprotocol).
 * @throws MACHINE_NOT_RUNNING, CLI_CONSOLE_FAILED with the server's words, CLIENT_UNREACHABLE.
 */
export async function openConsole(session: Session, name: string): Promise<ConsoleStream> {
  const { connection, namespace } = session
  const url = `${connection.server.replace(/^http/u, 'ws')}${subresourcePath(virtualMachineInstance, { namespace, name }, 'console')}`
  const socket = new WebSocket(url, ['plain.kubevirt.io'], { ...tlsOptions(connection), headers: identityHeaders(connection) })
  const waiting: Buffer[] = []
  let wake: () => void = () => {}
  let isClosed = false
  socket.on('message', (data: Buffer) => {
    waiting.push(data)
    wake()
  })
  socket.on('close', () => {
    isClosed = true
    wake()
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('unexpected-response', (_, response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => {
        const error = refused(name, text)
        // Not found: the instance, or the machine. Conflict: QEMU does not run (yet).
        const isAbsent = response.statusCode === 404 || response.statusCode === 409
        void (isAbsent ? orNotRunning(session, name, error) : Promise.resolve(error)).then(reject)
      })
    })
    socket.once('error', (cause) => reject(unreachable(connection, cause)))
  })
  socket.on('error', () => socket.terminate())
  return {
    incoming: (async function* messages() {
      for (;;) {
        const next = waiting.shift()
        if (next !== undefined) yield next
        else if (isClosed) return
        else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    })(),
    write: (bytes) => {
      if (!isClosed) socket.send(bytes, { binary: true })
    },
    close: () => socket.close(),
  }
}

function refused(name: string, text: string): WeirError {
  let message = text.trim()
  try {
    message = (JSON.parse(text) as { readonly message?: string }).message ?? message
  } catch {
    // Not a Status: the text as it is.
  }
  return new WeirError('CLI_CONSOLE_FAILED', `the console of '${name}' could not be opened: ${message.slice(0, 300)}`)
}

/** Ctrl-], as virtctl and telnet have it. */
const leaveKey = 0x1d

/** Joins the terminal to the console until Ctrl-] or the end of the machine or the data center, which is told. */
export async function runConsole(session: Session, name: string): Promise<void> {
  const stream = await openConsole(session, name)
  const { stdin, stdout } = process
  session.io.err(`Connected to the console of ${name}. Leave with Ctrl-].\n`)
  const isRaw = stdin.isTTY
  let isLeft = false
  const leave = (): void => {
    isLeft = true
    stream.close()
  }
  if (isRaw) stdin.setRawMode(true)
  const onInput = (bytes: Buffer): void => {
    const end = isRaw ? bytes.indexOf(leaveKey) : -1
    if (end !== 0) stream.write(end < 0 ? bytes : bytes.subarray(0, end))
    if (end >= 0) leave()
  }
  stdin.on('data', onInput)
  session.signal.addEventListener('abort', leave, { once: true })
  try {
    for await (const bytes of stream.incoming) stdout.write(bytes)
    if (!isLeft) session.io.err(`\nThe console of ${name} has ended: the machine or the data center stopped.\n`)
  } finally {
    stdin.off('data', onInput)
    if (isRaw) stdin.setRawMode(false)
    stdin.pause()
  }
}

import { connect, type Socket } from 'node:net'

import { WeirError } from '@weir/base'

import { createLineReader } from './line-reader.ts'

/** Something that QEMU tells unasked, for example `SHUTDOWN` with `{guest: true}`. */
export interface QmpEvent {
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

/** A conversation with one QEMU. Commands may overlap: answers are matched by id. */
export interface QmpClient {
  /**
   * The `return` of a QMP command. `timeoutMillis` is 5000 unless given.
   * @throws MACHINE_COMMAND_REFUSED with QEMU's reason; MACHINE_UNRESPONSIVE if the socket closes or time runs out.
   */
  execute(command: string, args?: Readonly<Record<string, unknown>>, timeoutMillis?: number): Promise<unknown>
  /** Resolves, never rejects, when the socket is closed by either side: QEMU is gone or `close` was called. */
  readonly closed: Promise<void>
  close(): void
}

/** How to reach a QEMU. `onEvent` is called in the order of QEMU's lines and must not throw. */
export interface QmpTarget {
  readonly path: string
  readonly onEvent: (event: QmpEvent) => void
  readonly timeoutMillis?: number
}

interface Waiter {
  resolve(value: unknown): void
  reject(error: Error): void
}

const defaultTimeoutMillis = 5000

/**
 * Connects to QEMU's QMP socket and negotiates capabilities (QEMU QMP specification, section 2). QEMU serves one client
 * at a time: a second one is kept waiting, so that the time limit also ends that case.
 * @throws MACHINE_UNRESPONSIVE if nobody listens, answers in time, or `signal` aborts.
 */
export async function connectQmp(target: QmpTarget, signal: AbortSignal): Promise<QmpClient> {
  signal.throwIfAborted()
  const session = createSession(target)
  const timer = setTimeout(() => session.fail('did not greet in time'), target.timeoutMillis ?? defaultTimeoutMillis)
  const abort = (): void => session.fail('was not waited for any longer')
  signal.addEventListener('abort', abort, { once: true })
  try {
    await session.greeted
    await session.client.execute('qmp_capabilities', {}, target.timeoutMillis)
    return session.client
  } catch (error) {
    session.client.close()
    throw error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}

function createSession(target: QmpTarget): {
  readonly greeted: Promise<unknown>
  readonly client: QmpClient
  fail(why: string): void
} {
  const waiters = new Map<string, Waiter>()
  const closed = Promise.withResolvers<void>()
  const socket = connect({ path: target.path })
  let lastId = 0
  const greeted = waitFor(waiters, 'greeting')
  const fail = (why: string, cause?: unknown): void => {
    socket.destroy()
    const error = new WeirError('MACHINE_UNRESPONSIVE', `QEMU at '${target.path}' ${why}`, { cause })
    for (const waiter of waiters.values()) waiter.reject(error)
    waiters.clear()
    closed.resolve()
  }
  readMessages(socket, (message) => dispatch(message, waiters, target.onEvent), fail)
  const execute = async (command: string, args: Readonly<Record<string, unknown>> = {}, timeoutMillis?: number) => {
    if (socket.destroyed) throw new WeirError('MACHINE_UNRESPONSIVE', `QEMU at '${target.path}' is not connected`)
    const id = `w${++lastId}`
    const answer = waitFor(waiters, id)
    const timer = setTimeout(() => {
      waiters.get(id)?.reject(new WeirError('MACHINE_UNRESPONSIVE', `QEMU did not answer '${command}' in time`))
      waiters.delete(id)
    }, timeoutMillis ?? defaultTimeoutMillis)
    socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`)
    try {
      return await answer
    } finally {
      clearTimeout(timer)
    }
  }
  const client: QmpClient = { execute, closed: closed.promise, close: () => fail('was let go') }
  return { greeted, client, fail }
}

function waitFor(waiters: Map<string, Waiter>, id: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  waiters.set(id, { resolve, reject })
  return promise
}

function readMessages(socket: Socket, onMessage: (message: Message) => void, fail: (why: string, cause?: unknown) => void): void {
  const reader = createLineReader((line) => {
    const message = parseMessage(line)
    if (message === undefined) fail('said something that is not QMP')
    else onMessage(message)
  })
  socket.on('data', (chunk: Buffer) => {
    if (!reader.push(chunk)) fail('sent a line without end')
  })
  socket.on('error', (error) => fail(`cannot be reached: ${error.message}`, error))
  socket.on('close', () => fail('closed its control socket'))
}

interface Message {
  readonly QMP?: unknown
  readonly id?: unknown
  readonly return?: unknown
  readonly error?: { readonly class?: unknown; readonly desc?: unknown }
  readonly event?: unknown
  readonly data?: Readonly<Record<string, unknown>>
}

function parseMessage(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function dispatch(message: Message, waiters: Map<string, Waiter>, onEvent: QmpTarget['onEvent']): void {
  if (typeof message.event === 'string') return onEvent({ event: message.event, data: message.data ?? {} })
  const id = message.QMP === undefined ? message.id : 'greeting'
  const waiter = typeof id === 'string' ? waiters.get(id) : undefined
  if (waiter === undefined || typeof id !== 'string') return
  waiters.delete(id)
  if (message.error === undefined) waiter.resolve(message.return)
  else waiter.reject(new WeirError('MACHINE_COMMAND_REFUSED', `QEMU refused: ${String(message.error.desc)}`))
}

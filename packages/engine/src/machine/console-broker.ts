import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'

import { WeirError } from '@weir/base'

import { type ByteQueue, createByteQueue } from './byte-queue.ts'
import type { MachineStream } from './machine.ts'

/** Bytes of history that a new reader gets first. */
const historyBytes = 64 << 10
const slowReaderBytes = 1 << 20
/** QEMU writes its log just after its socket: one more look this much later finds what the first one missed. */
const secondLookMillis = 20

/** Shares a guest's serial console, of which QEMU serves one client, among any number of readers. */
export interface ConsoleBroker {
  /** A conversation that begins with the last 64 KB of the console. @throws MACHINE_UNRESPONSIVE if QEMU does not listen. */
  open(): Promise<MachineStream>
  close(): void
}

/**
 * A broker of the serial console of the machine whose socket and log are given. The log is the one source of what is read,
 * so that history and presence join without gap or overlap; the socket carries what is typed and says when to look again.
 * It is connected only while somebody listens: QEMU keeps its log without us.
 */
export function createConsoleBroker(files: { readonly socket: string; readonly log: string }): ConsoleBroker {
  const readers = new Set<ByteQueue>()
  let session: Promise<ConsoleSession> | undefined
  const end = (): void => {
    const ending = session
    session = undefined
    void ending?.then(
      (current) => current.close(),
      () => {},
    )
    for (const reader of readers) reader.end()
    readers.clear()
  }
  const leave = (reader: ByteQueue): void => {
    reader.end()
    if (readers.delete(reader) && readers.size === 0) end()
  }
  const start = (): Promise<ConsoleSession> => {
    const onBytes = (bytes: Uint8Array): void => readers.forEach((reader) => reader.push(bytes))
    // The end of a session comes late: by then the next one may have begun, and that one stays.
    const started: Promise<ConsoleSession> = startSession(files, onBytes, () => {
      if (session === started) end()
    })
    return started
  }
  return {
    async open() {
      session ??= start()
      const mine = session
      const current = await mine.catch((error: unknown) => {
        if (session === mine) session = undefined
        throw new WeirError('MACHINE_UNRESPONSIVE', `The console at '${files.socket}' cannot be reached`, { cause: error })
      })
      const reader: ByteQueue = createByteQueue(slowReaderBytes, () => leave(reader))
      reader.push(current.history())
      readers.add(reader)
      return { incoming: reader.incoming, write: (bytes) => current.write(bytes), close: () => leave(reader) }
    },
    close: end,
  }
}

interface ConsoleSession {
  history(): Uint8Array
  write(bytes: Uint8Array): Promise<void>
  close(): void
}

async function startSession(
  files: { readonly socket: string; readonly log: string },
  onBytes: (bytes: Uint8Array) => void,
  onEnd: () => void,
): Promise<ConsoleSession> {
  // The log lies where the guest's process may write: a link there must not lead us elsewhere.
  const log = await open(files.log, constants.O_RDONLY | constants.O_NOFOLLOW)
  const follower = createFollower(log, Math.max(0, (await log.stat()).size - historyBytes), onBytes)
  const socket = await connected(files.socket).catch(async (error: unknown) => {
    await log.close()
    throw error
  })
  let timer: NodeJS.Timeout | undefined
  const look = (): void => {
    void follower.look()
    clearTimeout(timer)
    timer = setTimeout(() => void follower.look(), secondLookMillis)
  }
  socket.on('data', look)
  socket.on('error', () => {})
  let leaving = false
  socket.once('close', () => {
    clearTimeout(timer)
    void (leaving ? Promise.resolve() : follower.look()).then(async () => {
      onEnd()
      await log.close()
    })
  })
  await follower.look()
  look()
  return {
    history: () => follower.history(),
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => (error instanceof Error ? reject(error) : resolve()))
      }),
    close() {
      leaving = true
      socket.destroy()
    },
  }
}

/** Reads what the log has gained, in order, one read at a time; a log cut short is read from its new beginning. */
function createFollower(
  log: FileHandle,
  from: number,
  onBytes: (bytes: Uint8Array) => void,
): { look(): Promise<void>; history(): Uint8Array } {
  let position = from
  let ring: Uint8Array = Buffer.alloc(0)
  let last: Promise<void> = Promise.resolve()
  const read = async (): Promise<void> => {
    if ((await log.stat()).size < position) position = 0
    while (true) {
      const { buffer, bytesRead } = await log.read(Buffer.alloc(historyBytes), 0, historyBytes, position)
      if (bytesRead === 0) return
      position += bytesRead
      const bytes = buffer.subarray(0, bytesRead)
      ring = Buffer.concat([ring, bytes]).subarray(-historyBytes)
      onBytes(bytes)
    }
  }
  return {
    look: () => (last = last.then(read).catch(() => {})),
    history: () => ring,
  }
}

/** Resolves with a connected socket at `path`. */
export function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

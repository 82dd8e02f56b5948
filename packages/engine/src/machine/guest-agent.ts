import { isIP, type Socket } from 'node:net'

import { createLineReader } from '../qmp/line-reader.ts'
import { connected } from './console-broker.ts'

/** What a guest says of itself; everything in it is the guest's claim. */
export interface GuestInfo {
  readonly hostname?: string
  readonly osName?: string
  readonly addresses: readonly string[]
}

/**
 * Asks the guest agent behind a socket (QEMU guest agent protocol: guest-sync, then commands one by one), or undefined if
 * it has not answered within `timeoutMillis`. `syncId` must differ between calls: late answers to an earlier call are then
 * told apart. Commands that a guest refuses leave their field out.
 */
export async function fetchGuestInfo(path: string, syncId: number, timeoutMillis: number): Promise<GuestInfo | undefined> {
  const socket = await connected(path).catch(() => undefined)
  if (socket === undefined) return undefined
  const timer = setTimeout(() => socket.destroy(), timeoutMillis)
  try {
    const ask = createConversation(socket)
    // 0xFF makes the agent drop a half command of whoever spoke before.
    socket.write(Buffer.of(0xff))
    await ask('guest-sync', { id: syncId }, (answer) => answer === syncId)
    const hostname = textOf(await ask('guest-get-host-name'), 'host-name')
    const osName = textOf(await ask('guest-get-osinfo'), 'pretty-name')
    const addresses = addressesOf(await ask('guest-network-get-interfaces'))
    return { ...(hostname === undefined ? {} : { hostname }), ...(osName === undefined ? {} : { osName }), addresses }
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}

type Ask = (command: string, args?: object, accept?: (answer: unknown) => boolean) => Promise<unknown>

/** One command at a time; rejects when the socket closes. A refused command answers undefined. */
function createConversation(socket: Socket): Ask {
  let onAnswer: (answer: unknown) => void = () => {}
  let onClose: (error: Error) => void = () => {}
  let closed = false
  const reader = createLineReader((line) => onAnswer(parseAnswer(line)))
  socket.on('data', (chunk: Buffer) => {
    if (!reader.push(chunk)) socket.destroy()
  })
  socket.on('error', () => {})
  socket.once('close', () => {
    closed = true
    onClose(new Error('the agent did not answer'))
  })
  return (command, args = {}, accept = () => true) =>
    new Promise((resolve, reject) => {
      if (closed) return reject(new Error('the agent is gone'))
      onClose = reject
      onAnswer = (answer) => {
        if (accept(answer)) resolve(answer)
      }
      socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`)
    })
}

function parseAnswer(line: string): unknown {
  try {
    return property(JSON.parse(line.replaceAll('\ufffd', '')), 'return')
  } catch {
    return undefined
  }
}

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined

/** A claim of the guest as plain text: no control characters, at most 253 characters. */
function textOf(value: unknown, name: string): string | undefined {
  const text = property(value, name)
  // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
  return typeof text === 'string' && text !== '' ? text.replaceAll(/[\u0000-\u001f\u007f]/gu, '').slice(0, 253) : undefined
}

const maxAddresses = 64

function addressesOf(interfaces: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(interfaces) ? interfaces : []
  return list
    .filter((each) => property(each, 'name') !== 'lo')
    .flatMap((each): readonly unknown[] => {
      const addresses = property(each, 'ip-addresses')
      return Array.isArray(addresses) ? addresses : []
    })
    .map((each) => property(each, 'ip-address'))
    .filter((each): each is string => typeof each === 'string' && isIP(each) !== 0 && !each.startsWith('fe80:'))
    .slice(0, maxAddresses)
}

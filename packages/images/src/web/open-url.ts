import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isWeirError, WeirError } from '@weir/base'
import { patiently } from '../stream/patiently.ts'
import { failure, plainAddress, refusedBy, unreached } from './web-errors.ts'

/** A file on a web server that is being answered. */
export interface WebFile {
  /** Where it was found, after redirects. */
  readonly url: URL
  /** Undefined if the server does not tell. */
  readonly sizeBytes: number | undefined
  /** False if it ends where the connection does: then a part of it looks like the whole. */
  readonly hasEnd: boolean
  /** Their end before its time throws IMAGE_SOURCE. */
  readonly bytes: AsyncIterable<Uint8Array>
  /** Hangs up. */
  readonly close: () => void
}

/** What a download may be told. */
export interface WebOptions {
  readonly signal: AbortSignal
  /** How long a server may say nothing; a minute if absent. */
  readonly idleMillis?: number
}

const usualIdleMillis = 60_000
const redirectsMax = 10
const redirects = [301, 302, 303, 307, 308]

/**
 * Opens the file at an http or https address. Redirects are followed, but never from https to http; a login in the address goes to
 * its own server alone.
 * @throws IMAGE_SOURCE if it cannot be reached, falls silent, breaks off or answers with anything but a file; IMAGE_FORMAT if the
 * address is none.
 */
export async function openUrl(address: string, options: WebOptions): Promise<WebFile> {
  const start = parseAddress(address)
  const login = { origin: start.origin, value: basicLogin(start) }
  let url = withoutLogin(start)
  for (let count = 0; count <= redirectsMax; count += 1) {
    const call = await ask(url, login.origin === url.origin ? login.value : undefined, options)
    if (!redirects.includes(call.response.statusCode ?? 0)) return toFile(url, call, options)
    call.hangUp()
    url = redirectOf(url, call.response.headers.location)
  }
  throw failure(start, `leads from one address to the next, more than ${redirectsMax} times; check the address`)
}

function parseAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new WeirError('IMAGE_FORMAT', `'${address.slice(0, 100)}' is no address that begins with http:// or https://`)
}

function basicLogin({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  return `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`
}

const withoutLogin = (url: URL): URL => Object.assign(new URL(url.href), { username: '', password: '' })

function redirectOf(from: URL, location: string | undefined): URL {
  const to = location !== undefined && URL.canParse(location, from.href) ? withoutLogin(new URL(location, from.href)) : undefined
  if (to === undefined || !/^https?:$/u.test(to.protocol)) throw failure(from, 'leads to no web address; check it in a browser')
  if (from.protocol === 'https:' && to.protocol === 'http:')
    throw failure(from, `leads to '${plainAddress(to)}', which is not encrypted; give that address if you trust the network`)
  return to
}

/** An answer, and how to hang up on it whoever reads it. */
interface Call {
  readonly response: IncomingMessage
  readonly hangUp: () => void
}

/** The head of the answer, within the time that a server may say nothing. */
async function ask(url: URL, login: string | undefined, { signal, idleMillis = usualIdleMillis }: WebOptions): Promise<Call> {
  signal.throwIfAborted()
  const headers = { 'accept-encoding': 'identity', ...(login === undefined ? {} : { authorization: login }) }
  // Not by `fetch`: it throws past everybody when an answer that ends with its connection does so before it is read.
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, { headers, signal, agent: false })
  const hangUp = (): void => void request.destroy()
  const silence = failure(url, `did not answer for ${idleMillis / 1000} s; try again later`)
  const timer = setTimeout(() => request.destroy(silence), idleMillis)
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      // The listener stays: what goes wrong later is told to the reader of the body.
      request.on('error', reject).on('response', resolve).end()
    })
    response.on('error', () => {})
    return { response, hangUp }
  } catch (cause) {
    signal.throwIfAborted()
    throw isWeirError(cause) ? cause : unreached(url, cause)
  } finally {
    clearTimeout(timer)
  }
}

/** @throws IMAGE_SOURCE unless it is one, in its own bytes. */
function toFile(url: URL, { response, hangUp }: Call, options: WebOptions): WebFile {
  const { statusCode = 0, headers } = response
  try {
    if (statusCode !== 200) throw refusedBy(url, statusCode)
    if (/^text\/html\b/iu.test(headers['content-type'] ?? ''))
      throw failure(url, 'answered with a web page instead of a file; it may want a login, or be the page of the download')
    if (!/^(?:identity)?$/iu.test(headers['content-encoding'] ?? ''))
      throw failure(url, `answered with '${headers['content-encoding']}' although asked not to; download it first`)
  } catch (error) {
    hangUp()
    throw error
  }
  const length = headers['content-length']
  return {
    url,
    sizeBytes: length === undefined ? undefined : Number(length),
    hasEnd: length !== undefined || headers['transfer-encoding'] !== undefined,
    bytes: inOurWords(response as AsyncIterable<Uint8Array>, url, options),
    close: hangUp,
  }
}

async function* inOurWords(
  body: AsyncIterable<Uint8Array>,
  url: URL,
  { signal, idleMillis = usualIdleMillis }: WebOptions,
): AsyncGenerator<Uint8Array> {
  let readBytes = 0
  try {
    for await (const part of patiently(body, { idleMillis, signal })) {
      yield part
      readBytes += part.length
    }
  } catch (cause) {
    signal.throwIfAborted()
    const how = isWeirError(cause) ? `fell silent for ${idleMillis / 1000} s` : 'broke off'
    throw failure(url, `${how} after ${readBytes} bytes; try again`, cause)
  }
}

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openUrl } from './open-url.ts'
import { webFolder } from './web-folder.ts'

const never = new AbortController().signal
let server: Server
let port: number
let answer: (request: IncomingMessage, response: ServerResponse) => void
beforeEach(async () => {
  server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  ;({ port } = server.address() as AddressInfo)
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const at = (path: string): string => `http://127.0.0.1:${port}${path}`
const read = async (address: string, idleMillis = 10_000): Promise<string> => {
  const { bytes } = await openUrl(address, { signal: never, idleMillis })
  let text = ''
  for await (const part of bytes) text += Buffer.from(part).toString()
  return text
}
const messageOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error: unknown) => error,
  )

it('gives the bytes, where they were found, and what is known of their length', async () => {
  answer = ({ url }, response) => {
    if (url === '/known') response.writeHead(200, { 'content-length': 5 }).end('bytes')
    else if (url === '/chunked') response.writeHead(200).end('bytes')
    else response.writeHead(200, { 'content-encoding': 'gzip' }).end('bytes')
  }
  const seen = async (path: string) => {
    const file = await openUrl(at(path), { signal: never })
    file.close()
    return [file.url.pathname, file.sizeBytes, file.hasEnd]
  }
  expect(await read(at('/known'))).toBe('bytes')
  expect(await seen('/known')).toEqual(['/known', 5, true])
  expect(await seen('/chunked')).toEqual(['/chunked', undefined, true])
  expect(await messageOf(seen('/packed'))).toMatchObject({ message: expect.stringMatching(/answered with 'gzip' although/u) })
})

it('knows that an answer of HTTP/1.0 may end anywhere', async () => {
  const old = createTcpServer((socket) => void socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nbytes')))
  old.listen(0, '127.0.0.1')
  await once(old, 'listening')
  const file = await openUrl(`http://127.0.0.1:${(old.address() as AddressInfo).port}/x`, { signal: never })
  expect([file.sizeBytes, file.hasEnd, String(Buffer.concat(await Array.fromAsync(file.bytes)))]).toEqual([
    undefined,
    false,
    'bytes',
  ])
  old.close()
})

describe('a redirect', () => {
  it('is followed, with the login for its own server alone', async () => {
    const seen: string[] = []
    answer = ({ url, headers }, response) => {
      seen.push(`${headers.host?.split(':')[0]}${url} ${headers.authorization ?? '-'}`)
      if (url === '/a') response.writeHead(302, { location: '/b' }).end()
      else if (url === '/b') response.writeHead(307, { location: `http://localhost:${port}/c.ova` }).end()
      else response.end('bytes')
    }
    expect(await read(`http://me:p%40ss@127.0.0.1:${port}/a`)).toBe('bytes')
    const login = `Basic ${Buffer.from('me:p@ss').toString('base64')}`
    expect(seen).toEqual([`127.0.0.1/a ${login}`, `127.0.0.1/b ${login}`, 'localhost/c.ova -'])
  })

  it.each([
    ['that leads round in a circle', '/a', /more than 10 times/u],
    ['to something that is no web address', 'ftp://127.0.0.1/x', /leads to no web address/u],
    ['to nowhere', undefined, /leads to no web address/u],
  ])('%s is an error', async (_, location, message) => {
    answer = (_, response) => response.writeHead(302, location === undefined ? {} : { location }).end()
    expect(await messageOf(read(at('/a')))).toMatchObject({ code: 'IMAGE_SOURCE', message: expect.stringMatching(message) })
  })
})

describe('an answer that is no file', () => {
  it.each([
    [401, /answered 401; it wants a login/u],
    [403, /answered 403; it wants a login/u],
    [404, /answered 404; there is no such file/u],
    [206, /answered 206; check the address/u],
    [503, /answered 503; .*try again later/u],
  ])('%d is told with what to do about it, and without secrets', async (code, message) => {
    answer = (_, response) => response.writeHead(code).end('x')
    const error = await messageOf(read(`http://me:secret@127.0.0.1:${port}/x.ova?signature=secret`))
    expect(error).toMatchObject({ code: 'IMAGE_SOURCE', message: expect.stringMatching(message) })
    expect((error as Error).message).toMatch(/^'http:\/\/127\.0\.0\.1:\d+\/x\.ova' /u)
    expect((error as Error).message).not.toMatch(/secret/u)
  })

  it('nor is a web page', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>')
    expect(await messageOf(read(at('/x.ova')))).toMatchObject({ message: expect.stringMatching(/web page instead of a file/u) })
  })
})

describe('a server that', () => {
  it('is not there is told by its reason', async () => {
    await new Promise((resolve) => server.close(resolve))
    const error = await messageOf(read(at('/x.ova')))
    expect(error).toMatchObject({ code: 'IMAGE_SOURCE', message: `'${at('/x.ova')}' cannot be reached: nothing listens there` })
  })

  it.each(['', 'half'])('falls silent is given up (after "%s")', async (said) => {
    answer = (_, response) => {
      if (said !== '') response.writeHead(200, { 'content-length': 100 }).write(said)
    }
    const message = said === '' ? /did not answer for 1 s/u : /fell silent for 1 s after 4 bytes/u
    expect(await messageOf(read(at('/x'), 1000))).toMatchObject({ code: 'IMAGE_SOURCE', message: expect.stringMatching(message) })
  })

  it.each(['known', 'chunked'])('breaks off is told (length %s)', async (length) => {
    answer = (_, response) => {
      response.writeHead(200, length === 'known' ? { 'content-length': 100 } : {})
      response.write('half', () => response.destroy())
    }
    expect(await messageOf(read(at('/x')))).toMatchObject({
      code: 'IMAGE_SOURCE',
      message: expect.stringMatching(/broke off after 4 bytes; try again/u),
    })
  })

  it('is slow is waited for until the caller has had enough', async () => {
    const stop = new AbortController()
    answer = () => stop.abort(new Error('enough'))
    await expect(openUrl(at('/x'), { signal: stop.signal })).rejects.toThrow('enough')
  })
})

it.each(['ftp://127.0.0.1/x', 'http://', 'x.ova'])('%s is no address', async (address) => {
  await expect(openUrl(address, { signal: never })).rejects.toMatchObject({ code: 'IMAGE_FORMAT' })
})

it('a folder has the files beside its descriptor; what is not there is undefined, and what may not be read an error', async () => {
  answer = ({ url }, response) => {
    if (url === '/a/disk%201.vmdk') response.end('bytes')
    else response.writeHead(url === '/a/locked' ? 403 : 404).end()
  }
  const folder = webFolder(new URL(at('/a/web.ovf?x=1')), { signal: never })
  const disk = await folder.open('disk 1.vmdk')
  expect([disk?.sizeBytes, String(Buffer.concat(await Array.fromAsync(disk?.bytes ?? [])))]).toEqual([5, 'bytes'])
  expect(await folder.open('web.mf')).toBeUndefined()
  await expect(folder.open('locked')).rejects.toMatchObject({ code: 'IMAGE_SOURCE' })
})

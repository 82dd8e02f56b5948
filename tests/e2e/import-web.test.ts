import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Census, takeCensus } from './data-center/census.ts'
import { eventually } from './data-center/eventually.ts'
import { createWeirHome, type WeirHome } from './data-center/weir-home.ts'
import { membersOf } from './imports/appliance.ts'
import { imagesOf, isSameDisk } from './imports/disks.ts'
import { tarOf } from './imports/tar.ts'

/** What `weir import` takes from an address, byte for byte, and what it says when the server is in the way. */
let dataCenter: WeirHome
let empty: Census
let server: Server
let files: Readonly<Record<string, Buffer>>
let answer: ((path: string, response: ServerResponse) => boolean) | undefined
const capacityBytes = 4 << 20
const path = (name: string): string => join(dataCenter.home, name)
const at = (name: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`

const convert = (name: string, options: readonly string[]): Buffer => {
  execFileSync('qemu-img', ['convert', '-f', 'raw', ...options, path('disk.raw'), path(name)])
  return readFileSync(path(name))
}
const vmdk = (kind: string): Buffer => convert(`${kind}.vmdk`, ['-O', 'vmdk', '-o', `subformat=${kind}`])

beforeAll(async () => {
  dataCenter = await createWeirHome()
  await dataCenter.up()
  writeFileSync(path('disk.raw'), Buffer.alloc(capacityBytes, 'a disk on the web '))
  const stream = vmdk('streamOptimized')
  const members = membersOf(stream, { capacityBytes })
  files = {
    'web.ova': tarOf(members),
    ...Object.fromEntries(members.map(({ name, bytes }) => [name, Buffer.from(bytes)])),
    'disk.raw': readFileSync(path('disk.raw')),
    'disk.img': readFileSync(path('disk.raw')),
    'disk.qcow2': convert('disk.qcow2', ['-O', 'qcow2', '-c']),
    'stream.vmdk': stream,
    'sparse.vmdk': vmdk('monolithicSparse'),
    'flat.vmdk': vmdk('monolithicFlat'),
  }
  server = createServer(({ url = '' }, response) => {
    const name = url.slice(1).split('?')[0] ?? ''
    if (answer?.(name, response) === true) return
    const bytes = files[name]
    if (bytes === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-length': bytes.length }).end(bytes)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  empty = await takeCensus(dataCenter)
})
beforeEach(() => {
  answer = undefined
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await dataCenter.remove()
})

/** Imports from `address`, compares the disk, and deletes it again. Resolves with what the command said. */
async function importIsSame(address: string): Promise<string> {
  const { code, err } = await dataCenter.weir('import', address, '--name', 'web')
  expect([code, err]).toEqual([0, expect.stringMatching(/^virtualmachine.kubevirt.io\/web imported/mu)])
  expect(imagesOf(dataCenter).map((image) => isSameDisk(path('disk.raw'), image))).toEqual([true])
  expect((await dataCenter.weir('vm', 'delete', 'web')).code).toBe(0)
  await eventually(() => takeCensus(dataCenter), empty)
  return err
}

async function expectRefused(address: string, message: RegExp): Promise<void> {
  const { code, err } = await dataCenter.weir('import', address, '--name', 'web')
  expect([code, err]).toEqual([1, expect.stringMatching(message)])
  await eventually(() => takeCensus(dataCenter), empty)
}

/** Answers with the bytes of the file and no word about their length. */
const untold = (name: string, response: ServerResponse): boolean => {
  response.writeHead(200)
  response.end(files[name])
  return true
}

/** The same by HTTP/1.0: where the connection ends, the file may or may not. */
const untoldOld = (name: string, response: ServerResponse): boolean => {
  response.socket?.end(Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\n\r\n'), files[name] ?? Buffer.alloc(0)]))
  return true
}

describe('weir import of an address', { timeout: 120_000 }, () => {
  it.each(['web.ova', 'web.ovf', 'stream.vmdk', 'sparse.vmdk', 'disk.qcow2', 'disk.raw', 'disk.img'])(
    'takes %s',
    async (name) => {
      const err = await importIsSame(at(`${name}?signature=secret`))
      expect(err.includes('checksums verified')).toBe(name.startsWith('web'))
    },
  )

  it('takes what a redirect leads to, whose name may be the only one', async () => {
    answer = (name, response) => {
      if (name === 'download') response.writeHead(302, { location: '/web.ova' }).end()
      return name === 'download'
    }
    await importIsSame(at('download?id=7'))
  })

  it.each(['web.ova', 'web.ovf', 'stream.vmdk', 'sparse.vmdk', 'disk.qcow2'])('takes %s of unknown length', async (name) => {
    answer = untold
    await importIsSame(at(name))
  })

  it('takes a stream that ends by itself from a server that does not tell the end', async () => {
    answer = untoldOld
    await importIsSame(at('stream.vmdk'))
  })
})

describe('weir import of an address says', { timeout: 120_000 }, () => {
  it('that a raw disk has no length, or that a disk has no end', async () => {
    answer = untold
    await expectRefused(at('disk.raw'), /^error: the server does not tell how long 'disk.raw' is; download it first/u)
    answer = untoldOld
    await expectRefused(at('disk.qcow2'), /^error: the server does not tell where 'disk.qcow2' ends, .*download it first/u)
  })

  it('that a VMDK only names other files, or an OVF one that is not there', async () => {
    await expectRefused(at('flat.vmdk'), /^error: 'flat.vmdk' only names the files that hold the disk; download it with them/u)
    answer = (name, response) => {
      if (name === 'web-disk1.vmdk') response.writeHead(404).end()
      return name === 'web-disk1.vmdk'
    }
    await expectRefused(at('web.ovf'), /error: 'web-disk1.vmdk' is missing; the descriptor refers to it/u)
  })

  it('that a disk beside an OVF does not match the manifest', async () => {
    answer = (name, response) => {
      if (name !== 'web-disk1.vmdk') return false
      const wrong = Buffer.from(files[name] ?? '')
      wrong.fill(1, 600, 610)
      response.end(wrong)
      return true
    }
    await expectRefused(at('web.ovf'), /error: 'web-disk1.vmdk' does not match its manifest/u)
  })

  it.each(['web.ova', 'stream.vmdk', 'disk.raw', 'disk.qcow2'])('that the server broke off within %s', async (name) => {
    answer = (name, response) => {
      const bytes = files[name] ?? Buffer.alloc(0)
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, bytes.length - 10_000), () => response.destroy())
      return true
    }
    await expectRefused(at(name), new RegExp(`error: 'http.*/${name}' broke off after \\d+ bytes; try again`, 'u'))
  })

  it('why it has no file', async () => {
    await expectRefused(
      at('none.ova?signature=secret'),
      /^error: 'http:\/\/[^?]*\/none.ova' answered 404; there is no such file/u,
    )
    await expectRefused(at('none.qcow2'), /answered 404/u)
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>')
      return true
    }
    await expectRefused(at('disk.raw'), /answered with a web page instead of a file/u)
    await expectRefused('http://no-such-host.invalid/x.ova', /cannot be reached: the name 'no-such-host.invalid' is not known/u)
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { fetchGuestInfo } from './guest-agent.ts'

let directory = ''
let server: Server | undefined
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agent-'))
})
afterEach(() => {
  server?.close()
  rmSync(directory, { recursive: true })
})

/** A fake agent; `answers` by command, `undefined` keeps silent. */
function fakeAgent(answers: Readonly<Record<string, unknown>>): string {
  const path = join(directory, 's')
  server = createServer((socket) => {
    socket.on('error', () => {})
    socket.write('{"return": 99}\n')
    socket.on('data', (chunk) => {
      for (const line of chunk.toString('latin1').replaceAll('\u00ff', '').split('\n').filter(Boolean)) {
        const { execute, arguments: args } = JSON.parse(line) as { execute: string; arguments: { id?: number } }
        const answer = execute === 'guest-sync' ? { return: args.id } : answers[execute]
        if (answer !== undefined) socket.write(`${JSON.stringify(answer)}\n`)
      }
    })
  }).listen(path)
  return path
}

const addresses = [
  { name: 'lo', 'ip-addresses': [{ 'ip-address': '127.0.0.1' }] },
  { name: 'eth0', 'ip-addresses': [{ 'ip-address': '10.0.2.15' }, { 'ip-address': 'fe80::1' }, { 'ip-address': '$(reboot)' }] },
  { name: 'eth1' },
]

it('tells what the guest says, after answers to an earlier question are dropped', async () => {
  const path = fakeAgent({
    'guest-get-host-name': { return: { 'host-name': 'web\u001b[31m' } },
    'guest-get-osinfo': { return: { 'pretty-name': 'Debian GNU/Linux 12' } },
    'guest-network-get-interfaces': { return: addresses },
  })
  const info = { hostname: 'web[31m', osName: 'Debian GNU/Linux 12', addresses: ['10.0.2.15'] }
  expect(await fetchGuestInfo(path, 7, 1000)).toEqual(info)
})

it('leaves out what the guest refuses', async () => {
  const refused = { error: { class: 'CommandNotFound', desc: 'no' } }
  const path = fakeAgent({
    'guest-get-host-name': refused,
    'guest-get-osinfo': refused,
    'guest-network-get-interfaces': { return: 'x' },
  })
  expect(await fetchGuestInfo(path, 1, 1000)).toEqual({ addresses: [] })
})

it('knows nothing of an agent that is silent or not there', async () => {
  expect(await fetchGuestInfo(fakeAgent({}), 1, 30)).toBeUndefined()
  expect(await fetchGuestInfo(join(directory, 'none'), 1, 1000)).toBeUndefined()
})

import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { virtualMachine, virtualMachineInstance } from '@weir/api'
import { createClient } from '@weir/client'
import { eventually } from '@weir/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureApplianceOva } from '../../apps/weir/src/appliance/build-ova.ts'
import { createHttpsTransport } from '../../apps/weir/src/cli/https-transport.ts'
import { loadConnection } from '../../apps/weir/src/cli/kubeconfig.ts'
import { processesOf } from './data-center/processes.ts'

/** The product as a user has it: the real command, real QEMU guests, one data center in a folder of its own. */
const root = fileURLToPath(new URL('../../', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'weir-e2e-'))
const environment = { ...process.env, WEIR_HOME: home, WEIR_ACCEL: 'tcg', KUBECONFIG: join(home, 'kubeconfig') }

interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
}

const weir = (...words: readonly string[]): Promise<Result> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [`${root}apps/weir/src/main.ts`, ...words],
      { env: environment, timeout: 150_000 },
      (error, out, err) => resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, out, err }),
    )
  })

let asked = 0

/** The number that a command prints which is typed into the console. The console shows old answers too: each has its own name. */
const numberFrom = (name: string, command: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const mark = `answer-${asked++}`
    const line = `echo ${mark} $(${command})\n`
    const answer = new RegExp(`${mark} (\\d+)\\r?\\n`, 'u')
    const child = spawn(process.execPath, [`${root}apps/weir/src/main.ts`, 'vm', 'console', name], {
      env: environment,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    let text = ''
    const timer = setTimeout(() => child.kill(), 60_000)
    // A guest that has just said it is ready may not listen yet.
    const again = setInterval(() => child.stdin.write(line), 3000)
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part
      const found = answer.exec(text)
      if (found === null) return
      clearTimeout(timer)
      child.kill()
      resolve(Number(found[1]))
    })
    child.stdin.on('error', () => {})
    child.on('close', () => {
      clearInterval(again)
      reject(new Error(`no answer on the console: ${text.slice(-300)}`))
    })
    child.stdin.write(line)
  })

const statusOf = async (name: string): Promise<string> => {
  const { out } = await weir('vm', 'get', name, '-o', 'json')
  const object = JSON.parse(out) as
    | { readonly status?: { readonly printableStatus?: string } }
    | { readonly items: readonly { readonly status?: { readonly printableStatus?: string } }[] }
  return ('items' in object ? object.items[0]?.status : object.status)?.printableStatus ?? ''
}

const until = async (name: string, wanted: string): Promise<void> => {
  for (let round = 0; round < 200; round++) {
    if ((await statusOf(name)) === wanted) return
  }
  expect(await statusOf(name)).toBe(wanted)
}

const files = (folder: string): readonly string[] =>
  readdirSync(join(home, folder), { recursive: true, encoding: 'utf8' }).filter((file) => file !== '.bases')
const guests = (): readonly string[] =>
  processesOf(home)
    .map(({ name }) => name)
    .filter((name) => name.startsWith('weir:'))
const daemonPid = (): number => (JSON.parse(readFileSync(join(home, 'run', 'weir.pid'), 'utf8')) as { readonly pid: number }).pid

beforeAll(async () => {
  const demo = await weir('demo')
  expect(demo.err).toMatch(/WEIR-GUEST-READY appliance boots=1 uptime=/u)
  expect(demo.code).toBe(0)
}, 170_000)

afterAll(async () => {
  await weir('down')
  rmSync(home, { recursive: true, force: true })
}, 100_000)

describe('a data center on this machine', { timeout: 120_000 }, () => {
  it('keeps its secrets to its owner', () => {
    expect(statSync(join(home, 'kubeconfig')).mode & 0o777).toBe(0o600)
    expect(statSync(join(home, 'pki')).mode & 0o777).toBe(0o700)
    expect(statSync(join(home, 'log', 'weir.log')).mode & 0o777).toBe(0o600)
  })

  it('listens on loopback alone', () => {
    const port = Number(new URL(loadConnection({ kubeconfig: environment.KUBECONFIG }).server).port)
    const inHex = port.toString(16).toUpperCase().padStart(4, '0')
    // proc(5): `sl local_address rem_address st`, where 0A listens and 0100007F is 127.0.0.1.
    const addresses = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
      [...readFileSync(table, 'utf8').matchAll(/^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F:]+ 0A /gmu)]
        .filter(([, , each]) => each === inHex)
        .map(([, address]) => address),
    )
    expect(addresses).toEqual(['0100007F'])
  })

  it('shows what runs', async () => {
    expect((await weir('vm', 'list')).out).toMatch(/^NAME +AGE +STATUS +READY\ndemo +\S+ +Running +True\n$/u)
    expect((await weir('host', 'list')).out).toMatch(/Ready/u)
    expect((await weir('status')).out).toMatch(/Machines {2}1 Running/u)
    expect((await weir('events')).out).toMatch(/SuccessfulCreate/u)
    expect((await weir('api', 'get', '/version')).out).toMatch(/weir-embedded/u)
  })

  it('leaves guests running through a kill -9 and a restart of itself', async () => {
    const uptime = (): Promise<number> => numberFrom('demo', 'cut -d. -f1 /proc/uptime')
    const before = await uptime()
    process.kill(daemonPid(), 'SIGKILL')
    expect((await weir('vm', 'list')).code).toBe(1)
    expect((await weir('up')).code).toBe(0)
    const after = await uptime()
    expect(after).toBeGreaterThanOrEqual(before)
    expect(await numberFrom('demo', 'cat /data/boots')).toBe(1)
    await weir('down', '--keep-guests')
    expect((await weir('up')).code).toBe(0)
    expect(await uptime()).toBeGreaterThanOrEqual(after)
  })

  it('pauses, unpauses, restarts, stops and starts', async () => {
    expect((await weir('vm', 'pause', 'demo')).code).toBe(0)
    await until('demo', 'Paused')
    expect((await weir('vm', 'unpause', 'demo')).code).toBe(0)
    await until('demo', 'Running')
    expect((await weir('vm', 'stop', 'demo')).code).toBe(0)
    await until('demo', 'Stopped')
    expect(files('machines').filter((file) => file.includes('spec.json'))).toEqual([])
    expect((await weir('vm', 'stop', 'demo')).code).toBe(1)
    expect(guests()).toEqual([])
    expect((await weir('vm', 'start', 'demo')).code).toBe(0)
    await until('demo', 'Running')
    expect(guests()).toEqual(['weir:demo'])
  })

  it('hears from the agent in the guest who it is, and lets through what is sent to a forwarded port', async () => {
    const transport = createHttpsTransport(loadConnection({ kubeconfig: environment.KUBECONFIG }))
    const client = createClient(transport)
    const key = { namespace: 'default', name: 'demo' }
    const ports = { op: 'add', path: '/spec/template/spec/domain/devices/interfaces/0/ports', value: [{ port: 80 }] }
    try {
      await client.patch(virtualMachine, key, { type: 'json', body: [ports] })
      expect((await weir('vm', 'restart', 'demo')).code).toBe(0)
      const heard = await eventually(async () => {
        const { items } = await client.list(virtualMachineInstance)
        const { conditions = [], interfaces = [] } = items[0]?.status ?? {}
        const isHeard = conditions.some(({ type, status }) => type === 'AgentConnected' && status === 'True')
        const [first] = interfaces
        return isHeard && first?.ipAddress !== undefined && first.ports?.[0]?.hostPort !== undefined ? first : undefined
      })
      expect(heard).toMatchObject({ ipAddress: '10.0.2.15', infoSource: 'domain, guest-agent' })
      const answer = await fetch(`http://127.0.0.1:${heard.ports?.[0]?.hostPort}/`)
      expect(await answer.text()).toBe('appliance\n')
    } finally {
      transport.close()
    }
  })

  it('imports nothing of a bad appliance', async () => {
    const ova = join(home, 'cache', 'appliance-1-esxi.ova')
    const cut = join(home, 'cut.ova')
    const { writeFileSync } = await import('node:fs')
    writeFileSync(cut, readFileSync(ova).subarray(0, 5_000_000))
    const result = await weir('import', cut, '--name', 'cut')
    expect([result.code, result.err]).toEqual([1, expect.stringMatching(/error: .*cut\.ova/u)])
    expect((await weir('vm', 'get', 'cut')).code).toBe(1)
    expect((await weir('api', 'get', '/api/v1/persistentvolumes')).out).not.toContain('"cut-disk')
  })

  it('runs an appliance as qemu-img writes its disk, by BIOS and by UEFI, on the network that is asked for', async () => {
    const ova = await ensureApplianceOva(join(home, 'cache'), 'qemu', () => {})
    const mapped = await weir('import', ova, '--name', 'mapped', '--network-map', 'VM Network=lan')
    expect(mapped.code).toBe(0)
    expect((await weir('vm', 'get', 'mapped', '-o', 'json')).out).toMatch(/"networkName": "lan"/u)
    const demo = await weir('demo', ova)
    expect([demo.code, demo.err]).toEqual([0, expect.stringMatching(/WEIR-GUEST-READY appliance boots=1 /u)])
    const startedByUefi = (): Promise<number> => numberFrom('demo-2', 'ls -d /sys/firmware/efi 2>/dev/null | wc -l')
    expect(await startedByUefi()).toBe(0)
    const transport = createHttpsTransport(loadConnection({ kubeconfig: environment.KUBECONFIG }))
    const firmware = { bootloader: { bios: null, efi: { secureBoot: false } } }
    await createClient(transport)
      .patch(
        virtualMachine,
        { namespace: 'default', name: 'demo-2' },
        { type: 'merge', body: { spec: { template: { spec: { domain: { firmware } } } } } },
      )
      .finally(() => transport.close())
    expect((await weir('vm', 'stop', 'demo-2')).code).toBe(0)
    await until('demo-2', 'Stopped')
    expect((await weir('vm', 'start', 'demo-2')).code).toBe(0)
    await until('demo-2', 'Running')
    expect(await startedByUefi()).toBe(1)
    expect(await numberFrom('demo-2', 'cat /data/boots')).toBe(2)
    expect((await weir('vm', 'delete', 'mapped', 'demo-2')).code).toBe(0)
  })

  it('leaves no process and no file of a deleted machine', async () => {
    expect((await weir('vm', 'delete', 'demo')).code).toBe(0)
    for (let round = 0; round < 200 && files('volumes').length > 0; round++) await weir('vm', 'list')
    expect([files('machines'), files('volumes')]).toEqual([[], []])
    expect(guests()).toEqual([])
    expect(existsSync(join(home, 'kubeconfig'))).toBe(true)
  })
})

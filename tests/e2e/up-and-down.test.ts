import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { virtualMachine, virtualMachineInstance } from '@weir/api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { takeCensus } from './data-center/census.ts'
import { killAt, type Moment } from './data-center/moments.ts'
import { eventually } from './data-center/eventually.ts'
import { aMachine } from './data-center/objects.ts'
import { processesOf } from './data-center/processes.ts'
import { serveFiles } from './data-center/gate-server.ts'
import { createWeirHome, main, type WeirHome } from './data-center/weir-home.ts'
import { writeTinyDisk } from './machines/tiny-guest.ts'

let weir: WeirHome
beforeEach(async () => {
  weir = await createWeirHome()
})
afterEach(() => weir.remove())

const programs = (): readonly string[] => processesOf(weir.home).map(({ name }) => name)
const daemons = (): number => programs().filter((name) => name === 'MainThread' || name === 'node').length
const record = (): { readonly pid: number; readonly state: string; readonly startTicks: number } =>
  JSON.parse(readFileSync(join(weir.home, 'run', 'weir.pid'), 'utf8')) as never
const endGuests = (): void => {
  for (const { pid, name } of processesOf(weir.home)) if (name.startsWith('weir:')) process.kill(pid, 'SIGTERM')
}

/** Runs a machine whose guest does not hear that it is to power off; resolves with its process number. */
async function runDeafGuest(): Promise<number> {
  const disk = join(weir.home, 'deaf.raw')
  writeTinyDisk(disk, { isDeaf: true })
  const server = await serveFiles({ deaf: readFileSync(disk) })
  await weir.up()
  await weir.client().create(virtualMachine, aMachine('default', 'deaf', { source: { http: { url: server.url('deaf') } } }))
  await guestRuns()
  server.close()
  return processesOf(weir.home).find(({ name }) => name === 'weir:deaf')?.pid ?? 0
}

const guestRuns = (): Promise<void> =>
  eventually(
    async () => (await weir.client().get(virtualMachineInstance, { namespace: 'default', name: 'deaf' })).status?.phase ?? '',
    'Running',
  )

describe('up', () => {
  it('is one data center, however many start it at once', async () => {
    const results = await Promise.all([1, 2, 3, 4].map(() => weir.weir('up', '--port', String(weir.port))))
    expect(results.map(({ code, err }) => [code, err.replaceAll(/.*waiting for that \.\.\.\n/gu, '')])).toEqual(
      results.map(() => [0, '']),
    )
    expect(results.filter(({ out }) => out.startsWith('The data center is up: https://127.0.0.1:'))).toHaveLength(1)
    expect(results.filter(({ out }) => out.startsWith('The data center is already up: https://127.0.0.1:'))).toHaveLength(3)
    expect(daemons()).toBe(1)
    expect(record().state).toBe('running')
  })

  it('says how to change one that runs, and is content with one that is as asked', async () => {
    await weir.up('--hosts', '2')
    const same = await weir.weir('up', '--hosts', '2', '--port', String(weir.port))
    expect([same.code, same.out]).toEqual([0, expect.stringMatching(/^The data center is already up/u)])
    for (const words of [
      ['--hosts', '3'],
      ['--port', String(weir.port - 1)],
    ])
      expect(await weir.weir('up', ...words)).toMatchObject({
        code: 1,
        err: expect.stringMatching(new RegExp(`weir down --keep-guests && weir up ${words.join(' ')}`, 'u')),
      })
  })

  it('begins again where it was killed for the first time', async () => {
    let isOver = false
    let first: Promise<unknown> = Promise.resolve()
    const act = (): void => {
      first = weir.weir('up', '--port', String(weir.port)).finally(() => (isOver = true))
    }
    const halfMade = {
      kind: 'Seen',
      when: 'it has an authority',
      isSeen: (files) => files.includes('pki/ca.pem'),
    } as const satisfies Moment
    expect(await killAt(weir, halfMade, { act, isOver: () => isOver })).toBe(true)
    expect(await first).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^error: the data center did not start: it ended with SIGKILL/u),
    })
    await weir.up()
    expect(await takeCensus(weir)).toMatchObject({ processes: ['MainThread ports=1'], scraps: [], complaints: [] })
  })

  it('knows its state directory by any name', async () => {
    await weir.up()
    const alias = `${weir.home}/alias`
    symlinkSync(weir.home, alias)
    const run = spawnSync(process.execPath, [main, 'up', '--foreground'], {
      env: { ...weir.environment, WEIR_HOME: alias },
      encoding: 'utf8',
    })
    expect([run.status, run.stderr]).toEqual([1, `error: a data center already runs on ${weir.home}; see: weir status\n`])
  })

  it('does not stay in the folder it was started from, which may go', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-started-from-'))
    const home = relative(folder, weir.home)
    const words = [main, 'up', '--port', String(weir.port)]
    const { status } = spawnSync(process.execPath, words, { cwd: folder, env: { ...weir.environment, WEIR_HOME: home } })
    rmSync(folder, { recursive: true })
    expect([status, record().state]).toEqual([0, 'running'])
    expect(readlinkSync(`/proc/${record().pid}/cwd`)).toBe(realpathSync(weir.home))
  })

  it('takes no other process for its own', async () => {
    await weir.up()
    const old = record()
    await weir.kill()
    const innocent = spawn('sleep', ['600'], { stdio: 'ignore' })
    writeFileSync(join(weir.home, 'run', 'weir.pid'), JSON.stringify({ ...old, pid: innocent.pid }))
    expect(await weir.weir('down')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^No data center runs here: the last one was killed/u),
    })
    await weir.up()
    expect(record().pid).not.toBe(innocent.pid)
    expect((await weir.weir('down')).out).toBe('The data center is down.\n')
    expect(innocent.exitCode ?? innocent.signalCode).toBeNull()
    innocent.kill()
    expect((await weir.weir('down')).out).toBe('No data center runs here.\n')
  })

  it('says who has its port, and leaves nothing', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { readonly port: number }
    expect(await weir.weir('up', '--port', String(port))).toEqual({
      code: 1,
      out: '',
      err: `error: the data center did not start: port ${port} of 127.0.0.1 is taken by another program; stop it, or choose another: weir up --port N\n`,
    })
    expect(programs()).toEqual([])
    other.close()
    await once(other, 'close')
    expect((await weir.weir('up', '--port', String(port))).code).toBe(0)
  })
})

describe('a file of bearer tokens', () => {
  const token = 'a-token-of-the-operators-0123456789'
  const write = (line: string): void => {
    mkdirSync(join(weir.home, 'pki'), { mode: 0o700 })
    writeFileSync(join(weir.home, 'pki', 'tokens.csv'), line, { mode: 0o600 })
  }

  it('lets in who bears one, and nobody else', async () => {
    write(`${token},ann,1,"system:masters"\n`)
    await weir.up()
    const config = JSON.parse(readFileSync(join(weir.home, 'kubeconfig'), 'utf8')) as { readonly users: unknown[] }
    const hostsAs = async (bearer: string) => {
      const file = join(weir.home, `as-${bearer.length}`)
      writeFileSync(file, JSON.stringify({ ...config, users: [{ name: 'admin', user: { token: bearer } }] }))
      return weir.weir('host', 'list', '-o', 'name', '--kubeconfig', file)
    }
    expect(await hostsAs(token)).toMatchObject({ code: 0, out: expect.stringMatching(/^node/u) })
    expect((await hostsAs(`${token}0`)).err).toMatch(/^error: .*nauthorized/u)
    expect(readFileSync(join(weir.home, 'log', 'weir.log'), 'utf8')).not.toContain(token)
  })

  it('keeps the data center down when a line of it is wrong, and says which', async () => {
    write(`${token}\n`)
    const { code, err } = await weir.weir('up', '--port', String(weir.port))
    expect([code, err]).toEqual([1, expect.stringMatching(/tokens\.csv', line 1: it must be token,user,uid/u)])
    expect(err).not.toContain(token)
  })
})

describe('a state directory that cannot be used', () => {
  const inNamespace = (
    words: readonly string[],
    environment = process.env,
  ): { readonly status: number | null; readonly stderr: string } => {
    const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
    return spawnSync('unshare', ['--mount', ...asRoot, ...words], { env: environment, encoding: 'utf8' })
  }
  // Some containers forbid it.
  const canMount = inNamespace(['mount', '-t', 'tmpfs', 'tmpfs', '/tmp']).status === 0

  /** Runs `weir up` on a file system of its own, mounted with `options`. */
  const upOn = (options: string, folder = ''): { readonly status: number | null; readonly stderr: string } => {
    const mount = join(weir.home, 'mount')
    mkdirSync(mount)
    const script = `mount -t tmpfs -o ${options} tmpfs '${mount}' && WEIR_HOME='${mount}${folder}' exec "$0" '${main}' up`
    return inNamespace(['sh', '-c', script, process.execPath], weir.environment)
  }

  it('is named when it is a file', async () => {
    const file = join(weir.home, 'file')
    writeFileSync(file, '')
    const run = spawnSync(process.execPath, [main, 'up'], { env: { ...weir.environment, WEIR_HOME: file }, encoding: 'utf8' })
    expect([run.status, run.stderr]).toEqual([
      1,
      expect.stringMatching(/^error: the state directory '.*file' cannot be used \(.*WEIR_HOME=/u),
    ])
  })

  it('is named where the kernel makes no folders', () => {
    const environment = { ...weir.environment, WEIR_HOME: '/proc/weir/home' }
    const run = spawnSync(process.execPath, [main, 'up'], { env: environment, encoding: 'utf8', timeout: 60_000 })
    expect([run.status, run.stderr]).toEqual([
      1,
      expect.stringMatching(/^error: the state directory '.proc.weir.home' cannot be used \(.*WEIR_HOME=/u),
    ])
  })

  it.skipIf(!canMount)('is named when it is read-only', () => {
    const { status, stderr } = upOn('ro')
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^error: the state directory '.*mount' cannot be used \(.*WEIR_HOME=/u),
    ])
  })

  it.skipIf(!canMount).each(['4k', '40k', '120k'])('is named when its disk of %s is full', (size) => {
    const { status, stderr } = upOn(`size=${size}`, '/weir')
    expect([status, stderr]).toEqual([
      1,
      `error: the data center did not start: the disk of '${weir.home}/mount/weir' is full; free some space, or choose another folder: WEIR_HOME=/some/folder weir up\n`,
    ])
    expect(programs()).toEqual([])
  })
})

it('is lean, and leaves to its guests what they are started with', { timeout: 60_000 }, async () => {
  const guest = await runDeafGuest()
  const lean = (pid: number): readonly string[] =>
    readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .filter((line) => line.startsWith('MALLOC_'))
  expect(lean(record().pid)).toContain('MALLOC_ARENA_MAX=1')
  expect(readFileSync(`/proc/${record().pid}/cmdline`, 'utf8').split('\0')).toContain('--max-semi-space-size=2')
  expect(lean(guest)).toEqual([])
})

describe('down', { timeout: 90_000 }, () => {
  it('lets others wait: a second down with it, an up until it is done', async () => {
    await runDeafGuest()
    const first = weir.weir('down')
    await eventually(async () => record().state, 'stopping')
    const [second, up] = [saying('down'), saying('up')]
    await second.said(/^It is stopping already; waiting for that/mu)
    await up.said(/^The data center is stopping; waiting/mu)
    endGuests()
    expect(await first).toMatchObject({
      code: 0,
      out: 'The data center is down.\n',
      err: expect.stringMatching(/^Powering off 1 guest; /u),
    })
    expect([await second.ended, await up.ended]).toEqual([0, 0])
    await guestRuns()
    expect(daemons()).toBe(1)
  })

  it('says so when it was killed in the middle, and the guest goes on', async () => {
    const guest = await runDeafGuest()
    const down = weir.weir('down')
    await eventually(async () => record().state, 'stopping')
    await weir.kill()
    expect(await down).toMatchObject({ code: 1, err: expect.stringMatching(/ended before its work was done.*weir up/su) })
    await weir.up()
    await guestRuns()
    expect(processesOf(weir.home).map(({ pid }) => pid)).toContain(guest)
  })
})

/** A command and what it says meanwhile on standard error. */
function saying(...words: readonly string[]): {
  readonly said: (what: RegExp) => Promise<void>
  readonly ended: Promise<number | null>
} {
  const child = spawn(process.execPath, [main, ...words], { env: weir.environment, stdio: ['ignore', 'ignore', 'pipe'] })
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part))
  return {
    said: (what) => eventually(async () => what.test(text), true),
    ended: once(child, 'close').then(([code]) => code as number | null),
  }
}

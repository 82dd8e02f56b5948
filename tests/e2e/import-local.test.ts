import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cdiConfig, virtualMachine } from '@weir/api'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Census, takeCensus } from './data-center/census.ts'
import { eventually } from './data-center/eventually.ts'
import { createWeirHome, main, type WeirHome } from './data-center/weir-home.ts'
import { membersOf } from './imports/appliance.ts'
import { imagesOf, isSameDisk } from './imports/disks.ts'
import { tarOf } from './imports/tar.ts'

/**
 * The two ways of a disk: a data center on this machine reads the file itself, any other gets it by HTTPS. The first is in use
 * where an import succeeds although nothing answers where uploads go.
 */
let dataCenter: WeirHome
let empty: Census
const capacityBytes = 8 << 20
const path = (name: string): string => join(dataCenter.home, name)
const commands = new Set<ChildProcess>()

const sendUploadsTo = (uploadProxyURLOverride: string | null): Promise<unknown> =>
  dataCenter.client().patch(cdiConfig, { name: 'config' }, { type: 'merge', body: { spec: { uploadProxyURLOverride } } })
const nowhere = 'https://127.0.0.1:9'

beforeAll(async () => {
  dataCenter = await createWeirHome()
  await dataCenter.up()
  writeFileSync(path('disk.raw'), Buffer.alloc(capacityBytes, 'a disk of this machine '))
  for (const kind of ['streamOptimized', 'monolithicFlat'])
    execFileSync('qemu-img', ['convert', '-O', 'vmdk', '-o', `subformat=${kind}`, path('disk.raw'), path(`${kind}.vmdk`)])
  execFileSync('qemu-img', ['convert', '-O', 'qcow2', path('disk.raw'), path('disk.qcow2')])
  const members = membersOf(readFileSync(path('streamOptimized.vmdk')), { capacityBytes })
  writeFileSync(path('web.ova'), tarOf(members))
  for (const { name, bytes } of members) writeFileSync(path(name), bytes)
  // Nothing to store, and long to read.
  writeFileSync(path('long.raw'), '')
  truncateSync(path('long.raw'), 2 * 2 ** 30)
  // A data center that is elsewhere, as seen from here.
  mkdirSync(path('elsewhere'))
  copyFileSync(path('kubeconfig'), path('elsewhere/kubeconfig'))
})
beforeEach(async () => {
  empty = await takeCensus(dataCenter)
})
afterEach(async () => {
  for (const command of commands) command.kill('SIGKILL')
  commands.clear()
  await sendUploadsTo(null)
  await dataCenter.weir('vm', 'delete', 'web')
  await eventually(() => takeCensus(dataCenter), empty)
})
afterAll(() => dataCenter.remove())

interface Result {
  readonly code: number
  readonly err: string
}

const importHere = (file: string): Promise<Result> => dataCenter.weir('import', path(file), '--name', 'web')

/** The same with a kubeconfig that does not lie in the home of the data center. */
const importFromElsewhere = (file: string): Promise<Result> =>
  new Promise((resolve) => {
    const home = path('elsewhere')
    const env = { ...dataCenter.environment, WEIR_HOME: home, KUBECONFIG: join(home, 'kubeconfig') }
    execFile(process.execPath, [main, 'import', path(file), '--name', 'web'], { env }, (error, _, err) =>
      resolve({ code: error === null ? 0 : 1, err }),
    )
  })

function expectImported({ code, err }: Result): void {
  expect([code, err]).toEqual([0, expect.stringMatching(/web imported/u)])
  expect(imagesOf(dataCenter).map((image) => isSameDisk(path('disk.raw'), image))).toEqual([true])
}

const files = ['web.ova', 'web.ovf', 'streamOptimized.vmdk', 'monolithicFlat.vmdk', 'disk.qcow2', 'disk.raw']

describe('a data center on this machine', { timeout: 120_000 }, () => {
  it.each(files)('reads %s itself', async (file) => {
    await sendUploadsTo(nowhere)
    expectImported(await importHere(file))
  })

  it('gets the bytes by HTTPS if its socket is gone', async () => {
    execFileSync('mv', [path('run/upload.sock'), path('run/other.sock')])
    const result = await importHere('web.ova')
    execFileSync('mv', [path('run/other.sock'), path('run/upload.sock')])
    expectImported(result)
  })

  it('gets them by HTTPS if the token of another one is asked for there', async () => {
    const other = await createWeirHome()
    await other.up()
    execFileSync('mv', [path('run/upload.sock'), path('run/other.sock')])
    execFileSync('ln', ['-s', join(other.home, 'run', 'upload.sock'), path('run/upload.sock')])
    const result = await importHere('web.ova')
    execFileSync('mv', ['-f', path('run/other.sock'), path('run/upload.sock')])
    expectImported(result)
    expect(imagesOf(other)).toEqual([])
    await other.remove()
  })
})

describe('a data center elsewhere', { timeout: 120_000 }, () => {
  it.each(files)('gets %s by HTTPS', async (file) => {
    expectImported(await importFromElsewhere(file))
  })

  it('is told when nobody takes uploads', async () => {
    await sendUploadsTo(nowhere)
    expect(await importFromElsewhere('web.ova')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^error: No answer from the API server https:\/\/127.0.0.1:9/mu),
    })
  })
})

/** An import of the long disk by this machine's way, in the middle of it. */
async function startLong(): Promise<{ readonly child: ChildProcess; readonly ended: Promise<Result> }> {
  await sendUploadsTo(nowhere)
  const child = spawn(process.execPath, [main, 'import', path('long.raw'), '--name', 'web'], {
    env: dataCenter.environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  commands.add(child)
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part))
  const ended = once(child, 'close').then(([code]) => ({ code: Number(code), err }))
  await eventually(async () => (await takeCensus(dataCenter)).scraps, ['volumes/*/scratch-disk'])
  return { child, ended }
}

const scraps = async (): Promise<readonly string[]> => (await takeCensus(dataCenter)).scraps
const machine = () => dataCenter.client().get(virtualMachine, { namespace: 'default', name: 'web' })

describe('an import that this data center reads', { timeout: 120_000 }, () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('is cleaned up by a command that gets %s', async (signal) => {
    const { child, ended } = await startLong()
    child.kill(signal)
    expect(await ended).toEqual({
      code: 2,
      err: expect.stringMatching(/^error: the import was cancelled; what it had made is deleted$/mu),
    })
    await expect(machine()).rejects.toMatchObject({ code: 'API_NOT_FOUND' })
  })

  it('leaves nothing of the half disk if the command is killed, and gives way when it is repeated', async () => {
    const { child, ended } = await startLong()
    child.kill('SIGKILL')
    await ended
    await eventually(scraps, [])
    expect(imagesOf(dataCenter)).toEqual([])
    const again = await importHere('disk.raw')
    expect(again.err).toMatch(/of an interrupted import is replaced$/mu)
    expectImported(again)
  })

  it('ends with the data center, and can be repeated after it', async () => {
    const { ended } = await startLong()
    await dataCenter.kill()
    const { code, err } = await ended
    expect([code, err]).toEqual([1, expect.stringMatching(/^error: the data center ended while it read the disk; start it/mu)])
    await dataCenter.up()
    expect(await scraps()).toEqual([])
    expectImported(await importHere('disk.raw'))
  })

  it('does not hold the data center when that is to stop', async () => {
    const { ended } = await startLong()
    expect(await dataCenter.weir('down')).toMatchObject({ code: 0 })
    expect((await ended).code).toBe(1)
    await dataCenter.up()
    expect(await scraps()).toEqual([])
  })

  it('is refused if its file changes meanwhile', async () => {
    const { ended } = await startLong()
    utimesSync(path('long.raw'), new Date(), new Date(0))
    const { code, err } = await ended
    expect([code, err]).toEqual([1, expect.stringMatching(/^error: .*the file changed while it was/mu)])
    await expect(machine()).rejects.toMatchObject({ code: 'API_NOT_FOUND' })
  })

  it('goes on if its file gets another name, or none', async () => {
    copyFileSync(path('disk.raw'), path('copy.raw'))
    truncateSync(path('copy.raw'), 2 * 2 ** 30)
    await sendUploadsTo(nowhere)
    const running = importHere('copy.raw')
    await eventually(scraps, ['volumes/*/scratch-disk'])
    rmSync(path('copy.raw'))
    expectImported(await running)
  })
})

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { dataVolume, importingAnnotation, virtualMachine } from '@weir/api'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Census, takeCensus } from './data-center/census.ts'
import { cleanUp } from './data-center/crash.ts'
import { eventually } from './data-center/eventually.ts'
import { processesOf } from './data-center/processes.ts'
import { setStage, type Stage, strike } from './data-center/stage.ts'
import { makePlace, place } from './data-center/steps.ts'
import { main } from './data-center/weir-home.ts'

/** What becomes of an import when the command is killed, repeated, or not alone. */
let stage: Stage
let before: Census
const commands = new Set<ChildProcess>()
beforeAll(async () => {
  stage = await setStage()
})
beforeEach(async () => {
  before = await takeCensus(stage.weir)
  await makePlace(stage)
})
afterEach(async () => {
  stage.server.open()
  for (const command of commands) command.kill('SIGKILL')
  commands.clear()
  await cleanUp(stage, before)
})
afterAll(() => strike(stage))

interface Command {
  readonly child: ChildProcess
  readonly ended: Promise<{ readonly code: number | null; readonly err: string }>
}

/** `weir import`, which the test can kill. */
function startImport(location: string, ...flags: readonly string[]): Command {
  const child = spawn(process.execPath, [main, 'import', location, '--name', 'tiny', '-n', place, ...flags], {
    env: stage.weir.environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  commands.add(child)
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part))
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, err })) }
}

/** Starts an import whose source stops in the middle; resolves when half of the disk is there. */
async function startHalf(...flags: readonly string[]): Promise<Command> {
  stage.server.shut()
  const command = startImport(stage.server.url('appliance.ova'), ...flags)
  await eventually(async () => (await takeCensus(stage.weir)).scraps, ['volumes/*/scratch-disk'])
  return command
}

const machine = () => stage.weir.client().get(virtualMachine, { namespace: place, name: 'tiny' })
const mark = async (): Promise<string> => (await machine()).metadata.annotations?.[importingAnnotation] ?? 'none'
const repeat = () => stage.weir.weir('import', stage.server.url('appliance.ova'), '--name', 'tiny', '-n', place)

describe('an import that is killed', { timeout: 60_000 }, () => {
  it('is known as such, keeps nothing of the half disk, and gives way when it is repeated', async () => {
    const { child, ended } = await startHalf()
    child.kill('SIGKILL')
    await ended
    await eventually(async () => (await takeCensus(stage.weir)).scraps, [])
    expect((await takeCensus(stage.weir)).volumes).toEqual(before.volumes)
    expect(await mark()).toMatch(/^\d{4}-.*Z by process \d+ since /u)
    expect((await stage.weir.weir('status')).out).toMatch(/^Importing tiny, last sign of life \d{4}-\S+Z$/mu)
    stage.server.open()
    const { code, err } = await repeat()
    expect([code, err]).toEqual([
      0,
      expect.stringMatching(/^virtualmachine.kubevirt.io\/tiny of an interrupted import is replaced$/mu),
    ])
    expect(err).toMatch(/imported, checksums verified$/mu)
    expect(await mark()).toBe('none')
    const disk = await stage.weir.client().get(dataVolume, { namespace: place, name: 'tiny-disk-0' })
    expect(disk.status?.phase).toBe('Succeeded')
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('cleans up by itself when it can: %s', async (signal) => {
    const { child, ended } = await startHalf('--start')
    child.kill(signal)
    expect(await ended).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^error: the import was cancelled; what it had made is deleted$/mu),
    })
    await expect(machine()).rejects.toMatchObject({ code: 'API_NOT_FOUND' })
    await eventually(async () => (await takeCensus(stage.weir)).volumes, before.volumes)
  })

  it('leaves no tool at work and no temporary file', async () => {
    const raw = join(stage.weir.home, 'big.raw')
    const vmdk = join(stage.weir.home, 'flat.vmdk')
    // Large enough for the tool to be seen at work on a busy machine too.
    const noise = randomBytes(128 << 20)
    for (let part = 0; part < 6; part++) appendFileSync(raw, noise)
    execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=monolithicFlat', raw, vmdk])
    const { child, ended } = startImport(vmdk)
    const tools = async (): Promise<number> => processesOf(stage.weir.home).filter(({ name }) => name === 'qemu-img').length
    await eventually(tools, 1)
    child.kill('SIGKILL')
    await ended
    await eventually(tools, 0)
    expect(readdirSync(join(stage.weir.home, 'tmp'))).toEqual([])
    for (const file of ['big.raw', 'flat.vmdk', 'flat-flat.vmdk']) rmSync(join(stage.weir.home, file))
  })
})

describe('an import that is not alone', { timeout: 60_000 }, () => {
  it('gives way to one that goes on under its name', async () => {
    const first = await startHalf()
    const second = await stage.weir.weir('import', stage.disks.obedient, '--name', 'tiny', '-n', place)
    expect(second.code).toBe(1)
    expect(second.err).toMatch(/^an import of 'tiny' was begun before; looking for 10 s whether it goes on \.\.\.$/mu)
    expect(second.err).toMatch(/^error: 'tiny' is being imported by another command; /mu)
    stage.server.open()
    expect((await first.ended).code).toBe(0)
  })

  it('does not touch a machine that is complete', async () => {
    expect((await repeat()).code).toBe(0)
    const { uid } = (await machine()).metadata
    expect(await repeat()).toMatchObject({
      code: 1,
      err: "error: there is a machine 'tiny' already; choose another name: --name NAME, or delete it first: weir vm delete tiny\n",
    })
    expect((await machine()).metadata.uid).toBe(uid)
  })

  it('ends when its machine is deleted, and does not delete the next one of that name', async () => {
    const first = await startHalf()
    expect((await stage.weir.weir('vm', 'delete', 'tiny', '-n', place)).code).toBe(0)
    stage.server.open()
    const { code, err } = await first.ended
    expect([code, err]).toEqual([1, expect.stringMatching(/^error: .*(?:was deleted or replaced|was not taken)/mu)])
    expect((await repeat()).code).toBe(0)
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isWeirError, silentLogger, systemClock } from '@weir/base'
import { createQemuMachines, type Machines, type MachineState, type MachineStream } from '@weir/engine'
import { afterEach, beforeEach, expect, it } from 'vitest'

import { tinySpec, writeTinyDisk } from './machines/tiny-guest.ts'

const never = new AbortController().signal
const id = 'guest-1'
let root = ''
let disk = ''
let directory = ''
let machines: Machines

const createMachines = (): Machines =>
  createQemuMachines({ directory, clock: systemClock, logger: silentLogger, accelerator: 'tcg' })

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'machines-'))
  directory = join(root, 'a-state-directory-whose-name-is-longer-than-the-107-bytes-that-a-unix-socket-may-have', 'machines')
  disk = join(root, 'disk.raw')
  writeTinyDisk(disk)
  machines = createMachines()
})
afterEach(async () => {
  await Promise.all(machines.list().map((each) => machines.remove(each)))
  await machines.close()
  rmSync(root, { recursive: true })
})

/** True while process `pid` runs; one that only waits for its parent to notice its end does not. */
const runs = (pid: number): boolean => {
  try {
    return !/^State:\tZ/mu.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Reads until `text` has come. */
async function waitForText(stream: MachineStream, text: string): Promise<string> {
  let seen = ''
  for await (const bytes of stream.incoming) {
    seen += Buffer.from(bytes).toString('latin1')
    if (seen.includes(text)) return seen
  }
  throw new Error(`the console ended before '${text}': ${JSON.stringify(seen)}`)
}

/** Resolves with the first state that `accept` takes. */
function waitForState(of: Machines, accept: (state: MachineState) => boolean): Promise<MachineState> {
  return new Promise((resolve) => {
    const look = (): void => {
      const state = of.state(id)
      if (state === undefined || !accept(state)) return
      stop()
      resolve(state)
    }
    const stop = of.onChange(look)
    look()
  })
}

const pidOf = (state: MachineState | undefined): number => {
  if (state === undefined || state.phase === 'Exited') throw new Error(`not running: ${JSON.stringify(state)}`)
  return state.pid
}
const exited = (state: MachineState): boolean => state.phase === 'Exited'

it('starts a guest that speaks on its console to several readers, and echoes what is typed', async () => {
  await machines.ensure(tinySpec(id, disk), never)
  const first = await machines.console(id)
  expect(await waitForText(first, 'UP\r\n')).toContain('UP')
  const [second, third] = [await machines.console(id), await machines.console(id)]
  await third.write(Buffer.from('abc'))
  expect(await waitForText(second, 'bcd')).toMatch(/UP\r\nbcd$/u)
  expect(await waitForText(third, 'bcd')).toMatch(/UP\r\nbcd$/u)
})

it('is the same machine when it is ensured twice, and runs as nobody in particular', async () => {
  await Promise.all([machines.ensure(tinySpec(id, disk), never), machines.ensure(tinySpec(id, disk), never)])
  const pid = pidOf(machines.state(id))
  await machines.ensure(tinySpec(id, disk), never)
  expect(pidOf(machines.state(id))).toBe(pid)
  expect(machines.list()).toEqual([id])
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  expect(/^Uid:\t(\d+)/mu.exec(status)?.[1]).not.toBe('0')
  expect(/^CapEff:\t(.*)$/mu.exec(status)?.[1]).toBe('0000000000000000')
  expect(/^Seccomp:\t(\d)/mu.exec(status)?.[1]).toBe('2')
  const run = join(directory, id, 'run')
  expect(statSync(run).mode & 0o777).toBe(0o700)
  for (const name of readdirSync(run)) expect([name, statSync(join(run, name)).mode & 0o077]).toEqual([name, 0])
})

it('pauses, goes on, and is powered down by its power button', async () => {
  await machines.ensure(tinySpec(id, disk), never)
  await waitForText(await machines.console(id), 'UP')
  await machines.pause(id)
  expect((await waitForState(machines, (state) => state.phase === 'Paused')).phase).toBe('Paused')
  await machines.unpause(id)
  await waitForState(machines, (state) => state.phase === 'Running')
  await machines.powerDown(id)
  expect(await waitForState(machines, exited)).toMatchObject({ reason: 'Stopped' })
  await machines.ensure(tinySpec(id, disk), never)
  expect(machines.state(id)?.phase).toBe('Exited')
})

it('tells apart a guest that shut itself down, one that was killed and a QEMU that died', async () => {
  await machines.ensure(tinySpec(id, disk), never)
  const console = await machines.console(id)
  await waitForText(console, 'UP')
  await (await machines.console(id)).write(Buffer.from('!'))
  expect(await waitForState(machines, exited)).toMatchObject({ reason: 'GuestShutdown' })
  await machines.remove(id)
  expect(machines.state(id)).toBeUndefined()
  await machines.ensure(tinySpec(id, disk), never)
  await machines.kill(id)
  expect(machines.state(id)).toMatchObject({ phase: 'Exited', reason: 'Killed' })
  await machines.remove(id)
  await machines.ensure(tinySpec(id, disk), never)
  process.kill(pidOf(machines.state(id)), 'SIGKILL')
  expect(await waitForState(machines, exited)).toMatchObject({ reason: 'Crashed', message: expect.stringContaining('SIGKILL') })
  expect(await machines.pause(id).catch((error: unknown) => isWeirError(error, 'MACHINE_NOT_RUNNING'))).toBe(true)
})

it('leaves no process and no file but the disk when it is removed', async () => {
  await machines.ensure(tinySpec(id, disk, { noCloud: { userData: '#cloud-config\n', metaData: 'x: 1\n' } }), never)
  const pid = pidOf(machines.state(id))
  await machines.remove(id)
  await machines.remove(id)
  expect(runs(pid)).toBe(false)
  expect(readdirSync(directory)).toEqual([])
  expect(readdirSync(root).toSorted()).toHaveLength(2)
})

/** Runs a process that owns the machine, waits until the guest runs, and kills the process. Returns the guest's pid. */
async function startAndKillOwner(): Promise<number> {
  const owner = spawn(
    process.execPath,
    [join(import.meta.dirname, 'machines/owner.ts'), directory, JSON.stringify(tinySpec(id, disk))],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const [line] = (await once(owner.stdout, 'data')) as [Buffer]
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  return Number(line.toString())
}

it('is adopted with its history after its owner was killed', async () => {
  const pid = await startAndKillOwner()
  expect(await machines.adopt()).toEqual([id])
  expect(machines.state(id)).toMatchObject({ phase: 'Running', pid })
  await machines.ensure(tinySpec(id, disk), never)
  expect(pidOf(machines.state(id))).toBe(pid)
  const console = await machines.console(id)
  await console.write(Buffer.from('a'))
  expect((await waitForText(console, 'b')).match(/UP/gu)).toHaveLength(1)
})

it('does not explain its end by what was asked of it before a restart', async () => {
  writeTinyDisk(disk, { isDeaf: true })
  await machines.ensure(tinySpec(id, disk), never)
  await waitForText(await machines.console(id), 'UP')
  await machines.powerDown(id)
  await machines.close()
  machines = createMachines()
  await machines.adopt()
  await (await machines.console(id)).write(Buffer.from('!'))
  expect(await waitForState(machines, exited)).toMatchObject({ reason: 'GuestShutdown' })
})

it('knows after a restart why a guest ended while nobody watched', async () => {
  await machines.ensure(tinySpec(id, disk), never)
  const pid = pidOf(machines.state(id))
  const console = await machines.console(id)
  await waitForText(console, 'UP')
  const typed = await machines.console(id)
  await typed.write(Buffer.from('!'))
  await machines.close()
  machines = createMachines()
  await machines.adopt()
  expect(await waitForState(machines, exited)).toMatchObject({ reason: 'GuestShutdown' })
  await machines.remove(id)
  expect(runs(pid)).toBe(false)
})

it("says in QEMU's words why a machine cannot start, and leaves nothing", async () => {
  const spec = tinySpec(id, disk, { cpuModel: 'no-such-cpu' })
  const error: unknown = await machines.ensure(spec, never).catch((reason: unknown) => reason)
  expect(isWeirError(error, 'MACHINE_START_FAILED') && error.message).toContain("unable to find CPU model 'no-such-cpu'")
  expect(machines.state(id)).toBeUndefined()
  expect(readdirSync(directory)).toEqual([])
})

it('starts UEFI firmware with variables of its own', { timeout: 120_000 }, async () => {
  await machines.ensure(tinySpec(id, disk, { firmware: 'efi', memoryBytes: (128 << 20) as never }), never)
  expect(await waitForText(await machines.console(id), 'BdsDxe')).toContain('BdsDxe')
  const screen = await machines.vnc(id)
  expect(await waitForText(screen, '\n')).toBe('RFB 003.008\n')
})

it.each(['q35', 'pc'] as const)('is taken by QEMU with every bus and card on %s', async (machineType) => {
  const disks = (['virtio', 'sata', 'scsi', 'usb'] as const).flatMap((bus) =>
    (['disk', 'cdrom'] as const).map((kind) => ({ name: `${bus}-${kind}`, bus, kind })),
  )
  const nics = (['virtio', 'e1000', 'e1000e', 'rtl8139'] as const).map((model, index) => ({
    name: model,
    model,
    mac: `02:00:00:00:00:0${index}`,
    forwards: [],
  }))
  const spec = tinySpec(id, disk, {
    machineType,
    disks: disks.map((each, index) => {
      const path = join(root, `${index}.raw`)
      writeTinyDisk(path)
      return { ...each, path, format: 'raw', readOnly: each.kind === 'cdrom', serial: `serial-${index}` } as const
    }),
    nics,
    noCloud: { userData: 'x', metaData: 'y' },
    serialNumber: 'VMware-42 1d, 2',
    uuid: '4229f9a5-7a0e-4a3c-9a53-0a8d7a1f3b11',
  })
  await machines.ensure(spec, never)
  expect(machines.state(id)?.phase).toBe('Running')
  expect(await waitForText(await machines.console(id), 'UP')).toContain('UP')
})

it('starts the firmware of secure boot', { timeout: 120_000 }, async () => {
  await machines.ensure(tinySpec(id, disk, { firmware: 'efi-secure-boot', memoryBytes: (128 << 20) as never }), never)
  expect(machines.state(id)?.phase).toBe('Running')
})

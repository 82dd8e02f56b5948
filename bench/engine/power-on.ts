/**
 * Power-on, ours against a bare QEMU: the time until QMP answers `query-status`, for the same guest, in turns. Prints both
 * medians and their difference, which is to be 0.5 s at most. Usage: node bench/engine/power-on.ts [ROUNDS]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { silentLogger, systemClock } from '@weir/base'
import { createQemuMachines } from '@weir/engine'

import { tinySpec, writeTinyDisk } from '../../tests/e2e/machines/tiny-guest.ts'

const rounds = Number(process.argv[2] ?? 11)
const root = mkdtempSync(join(tmpdir(), 'power-on-'))
const disk = join(root, 'disk.raw')
const machines = createQemuMachines({
  directory: join(root, 'machines'),
  clock: systemClock,
  logger: silentLogger,
  accelerator: 'tcg',
})

async function startOurs(round: number): Promise<number> {
  const id = `guest-${round}`
  const started = performance.now()
  await machines.ensure(tinySpec(id, disk), new AbortController().signal)
  const millis = performance.now() - started
  await machines.remove(id)
  return millis
}

async function reach(path: string): Promise<Socket> {
  while (true) {
    const socket = connect({ path })
    const reached = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    if (reached) return socket
    await systemClock.sleep(2)
  }
}

async function startByHand(round: number): Promise<number> {
  const path = join(root, `hand-${round}`)
  const started = performance.now()
  const qemu = spawn(
    'qemu-system-x86_64',
    `-nodefaults -display none -machine q35 -accel tcg,tb-size=32 -m 16 -device VGA -device virtio-blk-pci,drive=d
     -blockdev driver=raw,node-name=d,file.driver=file,file.filename=${disk} -qmp unix:${path},server=on,wait=off`.split(/\s+/u),
    { stdio: 'ignore' },
  )
  const socket = await reach(path)
  socket.write('{"execute":"qmp_capabilities"}{"execute":"query-status"}')
  for await (const chunk of socket) if (String(chunk).includes('"status"')) break
  const millis = performance.now() - started
  const gone = once(qemu, 'exit')
  qemu.kill('SIGKILL')
  await gone
  return millis
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const ours: number[] = []
const byHand: number[] = []
try {
  writeTinyDisk(disk)
  for (let round = 0; round < rounds; round++) {
    byHand.push(await startByHand(round))
    ours.push(await startOurs(round))
  }
} finally {
  await machines.close()
  rmSync(root, { recursive: true })
}
const [a, b] = [median(ours), median(byHand)]
console.log(
  `power-on: weir ${a.toFixed(0)} ms, QEMU by hand ${b.toFixed(0)} ms, difference ${(a - b).toFixed(0)} ms (goal 500 ms), ${rounds} rounds`,
)
process.exitCode = a - b <= 500 ? 0 : 1

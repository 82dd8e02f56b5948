import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { silentLogger, systemClock } from '@weir/base'
import { createQemuMachines } from '@weir/engine'
import { expect, it } from 'vitest'

import { tinySpec, writeTinyDisk } from './machines/tiny-guest.ts'

it('reaches a linked clone and its base image below a directory closed to others', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'closed-'))
  const home = join(outside, 'home')
  mkdirSync(join(home, 'volumes'), { recursive: true, mode: 0o700 })
  const [base, clone] = [join(home, 'volumes', 'base.raw'), join(home, 'volumes', 'clone.qcow2')]
  writeTinyDisk(base)
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base, '-F', 'raw', clone])
  for (const file of [base, clone]) chmodSync(file, 0o600)
  const machines = createQemuMachines({
    directory: join(home, 'machines'),
    clock: systemClock,
    logger: silentLogger,
    accelerator: 'tcg',
  })
  try {
    const root = { name: 'root', path: clone, format: 'qcow2', bus: 'virtio', kind: 'disk', readOnly: false } as const
    const disks = [{ ...root, backingFolder: join(home, 'volumes') }]
    await machines.ensure(tinySpec('guest-1', clone, { disks }), new AbortController().signal)
    let seen = ''
    for await (const bytes of (await machines.console('guest-1')).incoming) {
      seen += Buffer.from(bytes).toString('latin1')
      if (seen.includes('UP')) break
    }
    expect(seen).toContain('UP')
  } finally {
    await machines.remove('guest-1')
    await machines.close()
    rmSync(outside, { recursive: true })
  }
})

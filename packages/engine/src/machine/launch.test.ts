import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock, WeirError } from '@weir/base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MachineSpec } from './machine.ts'
import { createQemuMachines } from './qemu-machines.ts'

const groupId = 54_321
const spec: MachineSpec = {
  id: 'guest-1',
  namespace: 'default',
  name: 'web',
  memoryBytes: (16 << 20) as MachineSpec['memoryBytes'],
  sockets: 1,
  cores: 1,
  threads: 1,
  machineType: 'q35',
  firmware: 'bios',
  disks: [],
  nics: [],
  guestAgent: false,
}

let directory = ''
let device = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'launch-'))
  chmodSync(directory, 0o755)
  device = join(directory, 'device')
  writeFileSync(device, '')
  chmodSync(device, 0o660)
})
afterEach(() => rmSync(directory, { recursive: true }))

/** What a program in QEMU's place says of itself before it ends: who it is, and whether it may write to the device. */
async function lastWords(accelerator: 'kvm' | 'tcg', kvmGroupId?: number): Promise<string> {
  const qemu = join(directory, 'qemu')
  const script = [
    '#!/bin/sh',
    "grep -E '^(Uid|Groups|CapBnd|CapEff|NoNewPrivs):' /proc/self/status | tr '\\t\\n' ' ;'",
    `(echo x >>'${device}') 2>/dev/null && echo opens || echo 'does not open'`,
    'exit 1',
  ]
  writeFileSync(qemu, `${script.join('\n')}\n`)
  chmodSync(qemu, 0o755)
  const machines = createQemuMachines({
    directory: join(directory, 'machines'),
    clock: systemClock,
    logger: silentLogger,
    accelerator,
    qemu,
    ...(kvmGroupId === undefined ? {} : { kvmGroupId }),
  })
  const error: unknown = await machines.ensure(spec, new AbortController().signal).catch((reason: unknown) => reason)
  await machines.close()
  return error instanceof WeirError ? error.message : String(error)
}

describe.runIf(process.geteuid?.() === 0)('a guest’s process, when Weir runs as root', () => {
  beforeEach(() => chownSync(device, 0, groupId))

  it('is nobody, and can become nobody else', async () => {
    const words = await lastWords('tcg')
    expect(words).toMatch(/Uid: +1\d{9} 1\d{9} 1\d{9} 1\d{9} ?;/u)
    expect(words).toContain('CapEff: 0000000000000000;CapBnd: 0000000000000000;NoNewPrivs: 1;')
    expect(words).toMatch(/Groups: +;/u)
    expect(words).toContain('does not open')
  })

  it('opens a KVM device of a group as a member of that group, and of no other', async () => {
    const words = await lastWords('kvm', groupId)
    expect(words).toMatch(new RegExp(`Groups: +${groupId} ?;`, 'u'))
    expect(words).toMatch(/Uid: +1\d{9} /u)
    expect(words).toContain('CapEff: 0000000000000000;CapBnd: 0000000000000000;NoNewPrivs: 1;')
    expect(words).not.toContain('does not open')
    expect(words).toContain('opens')
  })

  it('is lent no group in emulation', async () => {
    expect(await lastWords('tcg', groupId)).toContain('does not open')
  })
})

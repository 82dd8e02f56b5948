import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@weir/base'
import { afterEach, beforeEach, expect, it } from 'vitest'

import { type KvmProbe, probeKvm } from './probe-kvm.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kvm-'))
  // As root the probe runs as the user that guests run as, who must get to the fake.
  chmodSync(directory, 0o777)
})
afterEach(() => rmSync(directory, { recursive: true }))

/** A probe of a fake QEMU, a shell script; each of its runs leaves a line in `runs`. */
function fakeProbe(script: string, more: Partial<KvmProbe> = {}): KvmProbe {
  const qemu = join(directory, 'qemu')
  writeFileSync(qemu, `#!/bin/sh\necho "$2" >>'${join(directory, 'runs')}'\n${script}\n`)
  chmodSync(qemu, 0o755)
  writeFileSync(join(directory, 'runs'), '', { flag: 'a' })
  chmodSync(join(directory, 'runs'), 0o666)
  const cacheFile = join(directory, 'cache', 'kvm.json')
  return { cacheFile, clock: systemClock, qemu, device: '/dev/null', ...more }
}
const runs = (): string => (existsSync(join(directory, 'runs')) ? readFileSync(join(directory, 'runs'), 'utf8') : '')

it('does not wait for a KVM that hangs, and does not ask it again in this boot', async () => {
  const probe = fakeProbe('exec sleep 600', { timeoutMillis: 300 })
  const verdict = { usable: false, reason: 'A test guest under KVM did not end within 300 ms.' }
  expect(await probeKvm(probe)).toEqual(verdict)
  expect(await probeKvm(probe)).toEqual(verdict)
  expect(runs()).toBe('kvm\n')
})

it('refuses a KVM that aborts', async () => {
  expect(await probeKvm(fakeProbe('kill -ABRT $$'))).toEqual({
    usable: false,
    reason: 'A test guest under KVM was ended by SIGABRT.',
  })
})

it('takes a KVM that is at least as fast as emulation', async () => {
  const probe = fakeProbe('[ "$2" = kvm ] || sleep 0.5; exit 85')
  expect(await probeKvm(probe)).toMatchObject({ usable: true })
  expect(runs()).toBe('kvm\ntcg\n')
})

it('refuses a KVM that is slower than emulation', async () => {
  expect(await probeKvm(fakeProbe('[ "$2" = tcg ] || sleep 0.5; exit 85'))).toMatchObject({ usable: false })
})

it('asks again after the cache is damaged or QEMU has changed', async () => {
  const probe = fakeProbe('exit 1')
  await probeKvm(probe)
  writeFileSync(probe.cacheFile, '{')
  await probeKvm(probe)
  await probeKvm(fakeProbe('exit 1 # another version'))
  expect(runs()).toBe('kvm\nkvm\nkvm\n')
})

it('runs nothing without a device or when told what to use', async () => {
  const probe = fakeProbe('exit 85')
  expect(await probeKvm({ ...probe, device: join(directory, 'none') })).toMatchObject({ usable: false })
  expect(await probeKvm({ ...probe, forced: 'tcg' })).toMatchObject({ usable: false })
  expect(await probeKvm({ ...probe, forced: 'kvm' })).toMatchObject({ usable: true })
  expect(runs()).toBe('')
})

it('says so when there is no QEMU', async () => {
  const { reason } = await probeKvm({ ...fakeProbe(''), qemu: join(directory, 'no-qemu') })
  expect(reason).toContain('could not be started')
})

it('leaves two files, and says so when it cannot write them', async () => {
  const probe = fakeProbe('exit 1')
  await probeKvm(probe)
  expect(readdirSync(join(directory, 'cache')).toSorted()).toEqual(['kvm.json', 'kvm.json.rom'])
  const { usable, reason } = await probeKvm({ ...probe, cacheFile: join(directory, 'qemu', 'kvm.json') })
  expect({ usable, reason }).toEqual({ usable: false, reason: expect.stringContaining('could not be written') })
})

it.runIf(process.geteuid?.() === 0)('asks as the user that guests run as, in the group of the device', async () => {
  const device = join(directory, 'device')
  writeFileSync(device, '')
  chownSync(device, 0, 54_321)
  chmodSync(device, 0o660)
  // KVM "runs" for who may write to the device.
  const asKvm = `id -G >'${join(directory, 'who')}'; echo x >'${device}' && exit 85`
  const probe = fakeProbe(`if [ "$2" = tcg ]; then sleep 0.3; exit 85; fi; ${asKvm}`, { device })
  writeFileSync(join(directory, 'who'), '')
  chmodSync(join(directory, 'who'), 0o666)
  expect(await probeKvm(probe)).toMatchObject({ usable: true, groupId: 54_321 })
  expect(readFileSync(join(directory, 'who'), 'utf8')).toBe('1879048192 54321\n')
  expect(await probeKvm(probe)).toMatchObject({ usable: true, groupId: 54_321 })
  chmodSync(device, 0o600)
  expect(await probeKvm(probe)).toMatchObject({ usable: false })
})

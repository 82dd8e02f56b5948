import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { accessOf, type DeviceOwner, findKvmAccess, type KvmAccess } from './kvm-access.ts'

const owner = (mode: number, gid: number, groupName?: string): DeviceOwner => ({ mode: 0o20_000 | mode, gid, groupName })
const none = { kind: 'None', reason: expect.any(String) } as const

it.each<[string, DeviceOwner, KvmAccess | typeof none]>([
  ['everybody may', owner(0o666, 104, 'kvm'), { kind: 'Open' }],
  ['the group kvm may', owner(0o660, 104, 'kvm'), { kind: 'Group', groupId: 104 }],
  ['a group of another world may', owner(0o660, 232), { kind: 'Group', groupId: 232 }],
  ['the group of disks may', owner(0o660, 6, 'disk'), none],
  ['root’s group may', owner(0o660, 0, 'root'), none],
  ['a number that is root’s', owner(0o660, 0), none],
  ['the group may only read', owner(0o640, 104, 'kvm'), none],
  ['its owner may', owner(0o600, 104, 'kvm'), none],
  ['everybody may read', owner(0o664, 104, 'kvm'), { kind: 'Group', groupId: 104 }],
])('%s', (_, device, access) => {
  expect(accessOf('/dev/kvm', device)).toEqual(access)
})

it('says what to do', () => {
  expect(accessOf('/dev/kvm', owner(0o660, 6, 'disk'))).toEqual({
    kind: 'None',
    reason: "/dev/kvm belongs to the group 'disk', which may open more than KVM; give it to the group 'kvm'.",
  })
  expect(accessOf('/dev/kvm', owner(0o600, 0, 'root'))).toEqual({
    kind: 'None',
    reason: "/dev/kvm opens for its owner alone; let the group 'kvm' read and write it.",
  })
})

describe('of a device that is there', () => {
  it('is found, and of one that is not, none', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kvm-'))
    const device = join(directory, 'kvm')
    expect(await findKvmAccess(device)).toEqual({ kind: 'None', reason: `${device} is missing or may not be opened.` })
    writeFileSync(device, '')
    chmodSync(device, 0o666)
    expect(await findKvmAccess(device)).toEqual({ kind: 'Open' })
    rmSync(directory, { recursive: true })
  })

  it.runIf(process.geteuid?.() === 0)('by the names of this system’s groups', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kvm-'))
    const device = join(directory, 'kvm')
    writeFileSync(device, '')
    chmodSync(device, 0o660)
    chownSync(device, 0, 54_321)
    expect(await findKvmAccess(device)).toEqual({ kind: 'Group', groupId: 54_321 })
    chownSync(device, 0, 0)
    expect(await findKvmAccess(device)).toMatchObject({ kind: 'None', reason: expect.stringContaining("group 'root'") })
    rmSync(directory, { recursive: true })
  })
})

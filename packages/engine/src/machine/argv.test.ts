import { describe, expect, it } from 'vitest'

import { qemuArguments } from './argv.ts'
import type { MachineDisk, MachineNic, MachineSpec } from './machine.ts'

const disk = (more: Partial<MachineDisk> = {}): MachineDisk => ({
  ...({ name: 'root', path: '/d/root.qcow2', format: 'qcow2', bus: 'virtio', kind: 'disk', readOnly: false } as const),
  ...more,
})
const nic = (more: Partial<MachineNic> = {}): MachineNic => ({
  ...({ name: 'default', model: 'virtio', mac: '02:00:00:00:00:01', forwards: [] } as const),
  ...more,
})
const spec = (more: Partial<MachineSpec> = {}): MachineSpec => ({
  id: 'guest-1',
  namespace: 'default',
  name: 'web',
  memoryBytes: 536_870_912 as MachineSpec['memoryBytes'],
  ...({ sockets: 1, cores: 2, threads: 1, machineType: 'q35', firmware: 'bios', guestAgent: true } as const),
  disks: [disk()],
  nics: [nic()],
  ...more,
})
const none = { disks: new Map() }

/** The values of all options of one name. */
const values = (of: readonly string[], option: string): readonly string[] => of.filter((_, index) => of[index - 1] === option)
const argumentsOf = (more: Partial<MachineSpec> = {}): readonly string[] => qemuArguments(spec(more), none, 'tcg')
const devices = (of: readonly string[]): readonly Readonly<Record<string, unknown>>[] =>
  values(of, '-device').map((text) => JSON.parse(text) as Readonly<Record<string, unknown>>)

it('listens nowhere but on unix sockets and the port forwards of loopback', () => {
  const forwards = [{ protocol: 'tcp', hostPort: 2222, guestPort: 22 }] as const
  const of = argumentsOf({ nics: [nic({ forwards })] })
  expect(values(of, '-vnc')).toEqual(['unix:vnc.sock'])
  expect(values(of, '-netdev')).toEqual(['user,id=net0,hostfwd=tcp:127.0.0.1:2222-:22'])
  expect(values(of, '-chardev').every((each) => each.startsWith('socket,') && each.includes('path='))).toBe(true)
  expect(values(of, '-sandbox')).toEqual(['on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'])
  expect(of).toContain('-nodefaults')
})

describe('processor', () => {
  it.each([
    [undefined, 'tcg', 'qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt'],
    ['host-passthrough', 'tcg', 'max'],
    ['host-model', 'kvm', 'host'],
    [undefined, 'kvm', 'host'],
    ['Nehalem', 'kvm', 'Nehalem'],
  ] as const)('%s under %s is %s', (cpuModel, accelerator, expected) => {
    const of = qemuArguments(spec(cpuModel === undefined ? {} : { cpuModel }), none, accelerator)
    expect(values(of, '-cpu')).toEqual([expected])
  })
  it('has a code cache that fits its CPUs', () => {
    const of = argumentsOf({ sockets: 2, cores: 2, threads: 2 })
    expect(values(of, '-smp')).toEqual(['cpus=8,sockets=2,cores=2,threads=2'])
    expect(values(of, '-accel')).toEqual(['tcg,tb-size=256'])
    expect(values(of, '-m')).toEqual(['size=512M'])
  })
})

describe('disks', () => {
  it.each([
    ['virtio', 'disk', { driver: 'virtio-blk-pci', addr: '0x10' }],
    ['sata', 'disk', { driver: 'ide-hd', bus: 'sata0.0' }],
    ['sata', 'cdrom', { driver: 'ide-cd', bus: 'sata0.0' }],
    ['scsi', 'disk', { driver: 'scsi-hd', bus: 'scsi.0' }],
    ['scsi', 'cdrom', { driver: 'scsi-cd', bus: 'scsi.0' }],
    ['usb', 'disk', { driver: 'usb-storage', bus: 'usb.0' }],
  ] as const)('a %s %s has its device', (bus, kind, expected) => {
    expect(devices(argumentsOf({ disks: [disk({ bus, kind, serial: 's1' })] }))).toContainEqual(
      expect.objectContaining({ ...expected, drive: 'disk0', serial: 's1', bootindex: 1 }),
    )
  })
  it('opens its backing chain as told, never as an image header tells', () => {
    const layers = [
      { path: '../a.qcow2', format: 'qcow2' },
      { path: '../b,c.raw', format: 'raw' },
    ] as const
    const of = qemuArguments(spec(), { disks: new Map([['root', layers]]) }, 'tcg')
    expect(JSON.parse(values(of, '-blockdev')[0] ?? '')).toMatchObject({
      driver: 'qcow2',
      'node-name': 'disk0',
      'read-only': false,
      file: { filename: '../a.qcow2', locking: 'on' },
      backing: { driver: 'raw', 'read-only': true, file: { filename: '../b,c.raw' } },
    })
  })
  it('gives boot order only where it was asked for', () => {
    const of = devices(argumentsOf({ disks: [disk(), disk({ name: 'cd', bootOrder: 1 })], nics: [nic({ bootOrder: 2 })] }))
    expect(of.filter((each) => 'bootindex' in each).map((each) => [each['id'], each['bootindex']])).toEqual([
      ['device-disk1', 1],
      ['nic0', 2],
    ])
  })
  it('gives each of a hundred disks an address of its own', () => {
    const disks = Array.from({ length: 100 }, (_, index) => disk({ name: `d${index}` }))
    const addresses = devices(argumentsOf({ disks })).map((each) => each['addr'])
    expect(new Set(addresses).size).toBe(addresses.length)
  })
})

it('has flash with variables of its own under UEFI, locked for secure boot', () => {
  const firmware = { code: '/code', variables: 'nvram.fd' }
  const of = qemuArguments(spec({ firmware: 'efi-secure-boot' }), { ...none, firmware }, 'tcg')
  expect(values(of, '-machine')).toEqual([
    'q35,smm=on,usb=off,vmport=off,hpet=off',
    'pflash0=firmware-code,pflash1=firmware-variables',
  ])
  expect(values(of, '-global')).toEqual(['driver=cfi.pflash01,property=secure,value=on'])
})

it.each([
  ['a name with a comma', { name: 'a,b' }],
  ['a CPU model with options', { cpuModel: 'host,+x' }],
  ['a wrong MAC address', { nics: [nic({ mac: 'x' })] }],
  ['a serial that virtio cuts', { disks: [disk({ serial: 'x'.repeat(21) })] }],
  ['secure boot on pc', { firmware: 'efi-secure-boot', machineType: 'pc' }],
  ['too many cards', { nics: Array.from({ length: 9 }, () => nic()) }],
] as const)('refuses %s', (_, more) => {
  expect(() => argumentsOf(more as Partial<MachineSpec>)).toThrow(expect.objectContaining({ code: 'MACHINE_SPEC' }))
})

it('doubles a comma in a serial number', () => {
  expect(values(argumentsOf({ serialNumber: 'a,b' }), '-smbios')[0]).toContain('serial=a,,b')
})

import { describe, expect, it } from 'vitest'
import { isWeirError } from '@weir/base'
import type { InstanceSpec } from './instance-spec.ts'
import { emptyDisksOf, macOf, type MachineInput, toMachineSpec } from './machine-spec.ts'

const anInput = (spec: Partial<InstanceSpec> = {}, more: Partial<MachineInput> = {}): MachineInput => ({
  uid: 'u-1',
  lifelongUid: 'machine-1',
  namespace: 'shop',
  name: 'web',
  images: new Map([['root', { path: '/v/disk.img', format: 'raw' }]]),
  forwards: new Map(),
  spec: {
    domain: {
      memory: { guest: '512Mi' },
      devices: { disks: [{ name: 'root', disk: { bus: 'virtio' } }], interfaces: [{ name: 'default', masquerade: {} }] },
    },
    networks: [{ name: 'default', pod: {} }],
    volumes: [{ name: 'root', dataVolume: { name: 'web-root' } }],
    ...spec,
  },
  ...more,
})
const domain = (more: Partial<InstanceSpec['domain']>): Partial<InstanceSpec> => ({
  domain: { memory: { guest: '512Mi' }, devices: {}, ...more },
})
const causesOf = (input: MachineInput): readonly string[] => {
  try {
    toMachineSpec(input)
    return []
  } catch (error) {
    if (isWeirError(error, 'MACHINE_SPEC_INVALID')) return error.causes.map(({ field, message }) => `${field} ${message}`)
    throw error
  }
}

it('makes a machine of an ordinary instance', () => {
  expect(toMachineSpec(anInput())).toEqual({
    id: 'u-1',
    namespace: 'shop',
    name: 'web',
    memoryBytes: 512 << 20,
    sockets: 1,
    cores: 1,
    threads: 1,
    machineType: 'q35',
    firmware: 'bios',
    uuid: 'machine-1',
    disks: [{ name: 'root', path: '/v/disk.img', format: 'raw', bus: 'virtio', kind: 'disk', readOnly: false }],
    nics: [{ name: 'default', model: 'virtio', mac: macOf('machine-1', 'default'), forwards: [] }],
    guestAgent: true,
  })
})

it.each([
  [{ memory: { guest: '1Gi' }, resources: { requests: { memory: '2Gi' } } }, { memoryBytes: 2 ** 30 }],
  [
    { memory: {}, resources: { requests: { memory: '2Gi', cpu: '1500m' } } },
    { memoryBytes: 2 ** 31, sockets: 2 },
  ],
  [{ cpu: { cores: 3, threads: 2 } }, { sockets: 1, cores: 3, threads: 2 }],
  [{ machine: { type: 'pc-q35-rhel9.2.0' } }, { machineType: 'q35' }],
  [{ machine: { type: 'pc-i440fx-7.2' } }, { machineType: 'pc' }],
  [{ firmware: { bootloader: { efi: {} } } }, { firmware: 'efi-secure-boot' }],
  [
    { firmware: { uuid: 'x', serial: 's', bootloader: { efi: { secureBoot: false } } } },
    { firmware: 'efi', uuid: 'x', serialNumber: 's' },
  ],
])('reads %j', (given, expected) => {
  expect(toMachineSpec(anInput(domain(given)))).toMatchObject(expected)
})

it('keeps addresses for a machine and tells two interfaces apart', () => {
  expect(macOf('u-1', 'a')).toBe(macOf('u-1', 'a'))
  expect(macOf('u-1', 'a')).not.toBe(macOf('u-1', 'b'))
  expect(macOf('u-1', 'a')).toMatch(/^02(?::[\da-f]{2}){5}$/u)
})

describe('cloud-init', () => {
  const withCloudInit = (cloudInitNoCloud: object): Partial<InstanceSpec> => ({ volumes: [{ name: 'root', cloudInitNoCloud }] })
  it.each([
    [{ userData: 'plain' }, {}, 'plain'],
    [{ userDataBase64: btoa('coded') }, {}, 'coded'],
    [{ secretRef: { name: 's' } }, { secretUserData: 'secret' }, 'secret'],
  ])('takes %j', (source, more, userData) => {
    const spec = toMachineSpec(anInput(withCloudInit(source), more))
    expect(spec.noCloud).toEqual({ userData, metaData: '{"instance-id":"web.shop","local-hostname":"web"}' })
    expect(spec.disks).toEqual([])
  })
  it.each([
    [{ hostname: 'front' }, 'web', 'front'],
    [{}, 'web.example.com', 'web'],
  ])('calls a guest of %j and the name %s %s', (spec, name, hostname) => {
    const { noCloud } = toMachineSpec(anInput({ ...withCloudInit({ userData: '' }), ...spec }, { name }))
    expect(JSON.parse(noCloud?.metaData ?? '')).toEqual({ 'instance-id': `${hostname}.shop`, 'local-hostname': hostname })
  })
  it('waits for a Secret and for an image', () => {
    expect(() => toMachineSpec(anInput(withCloudInit({ secretRef: { name: 's' } })))).toThrow(/Secret 's'/u)
    expect(() => toMachineSpec(anInput({}, { images: new Map() }))).toThrow(/volume 'root' of 'web' has no disk image yet/u)
  })
})

it('names every wrong field at once', () => {
  const spec = {
    domain: {
      machine: { type: 'microvm' },
      resources: { requests: { cpu: '-1' }, limits: { cpu: 'many' } },
      devices: {
        disks: [{ name: 'a', disk: { bus: 'ide' } }, { name: 'a' }],
        interfaces: [{ name: 'n', model: 'ne2k', macAddress: 'x', sriov: {} }],
      },
    },
    volumes: [{ name: 'c', containerDisk: { image: 'x' } }, { name: 'd' }, { name: 'e', emptyDisk: { capacity: 'big' } }],
  } as InstanceSpec
  expect(causesOf(anInput(spec))).toMatchInlineSnapshot(`
    [
      "spec.domain.memory.guest must be set",
      "spec.domain.machine.type must be 'q35' or 'pc', not 'microvm'",
      "spec.domain.resources.requests.cpu must be a quantity such as '500m', '2', '512Mi' or '10G'",
      "spec.domain.resources.limits.cpu must be a quantity such as '500m', '2', '512Mi' or '10G'",
      "spec.domain.devices.disks[0].name must name a volume; there is no volume 'a'",
      "spec.domain.devices.disks[0].disk.bus must be one of virtio, sata, scsi, usb, not 'ide'",
      "spec.domain.devices.disks[1].name must name a volume; there is no volume 'a'",
      "spec.volumes[0].containerDisk is not supported on this host; use one of persistentVolumeClaim, dataVolume, cloudInitNoCloud, emptyDisk",
      "spec.volumes[1] must have exactly one of persistentVolumeClaim, dataVolume, cloudInitNoCloud, emptyDisk",
      "spec.volumes[2].emptyDisk.capacity must be a quantity such as '500m', '2', '512Mi' or '10G'",
      "spec.domain.devices.interfaces[0].name must name a network; there is no network 'n'",
      "spec.domain.devices.interfaces[0].sriov is not supported on this host; use \`masquerade\`",
      "spec.domain.devices.interfaces[0].model must be one of virtio, e1000, e1000e, rtl8139, not 'ne2k'",
      "spec.domain.devices.interfaces[0].macAddress must be six bytes such as '02:00:00:12:34:56'",
      "spec.domain.devices.disks[1].name must be unique; 'a' is there already",
    ]
  `)
})

it('lists empty disks', () => {
  expect(emptyDisksOf([{ name: 'e', emptyDisk: { capacity: '1Mi' } }, { name: 'x' }])).toEqual([
    { name: 'e', sizeBytes: 1 << 20 },
  ])
})

import { describe, expect, it } from 'vitest'
import type { SourceMachine } from '../hardware.ts'
import { toLabel } from './names.ts'
import { toVirtualMachine } from './to-virtual-machine.ts'

const gibibyte = 2 ** 30
const aMachine = (more: Partial<SourceMachine> = {}): SourceMachine => ({
  name: 'web-1',
  guestId: 'debian12_64Guest',
  firmware: 'bios',
  secureBoot: false,
  uuid: '564D0C6A-0000-4000-8000-00000000000A',
  cpuCount: 4,
  coresPerSocket: 2,
  memoryBytes: 2 * gibibyte,
  vtpm: false,
  hotAdd: false,
  passthroughCount: 0,
  usb: false,
  dropped: [],
  disks: [{ id: '1', capacityBytes: 10 * gibibyte + 1, fileName: 'web-disk1.vmdk' }],
  nics: [{ network: 'VM Network', mac: '00:50:56:AB:CD:EF', model: 'VmxNet3', connected: true }],
  ...more,
})
const options = { namespace: 'shop', networkMap: new Map<string, string>() }
const domainOf = (machine: SourceMachine) => toVirtualMachine(machine, options).virtualMachine.spec.template.spec.domain

describe('toVirtualMachine', () => {
  it('keeps topology, memory, identity and addresses', () => {
    expect(domainOf(aMachine())).toMatchObject({
      cpu: { sockets: 2, cores: 2, threads: 1 },
      memory: { guest: '2Gi' },
      firmware: {
        uuid: '564d0c6a-0000-4000-8000-00000000000a',
        serial: '564d0c6a-0000-4000-8000-00000000000a',
        bootloader: { bios: {} },
      },
      devices: {
        disks: [{ bootOrder: 1, disk: { bus: 'virtio' } }],
        interfaces: [{ model: 'virtio', macAddress: '00:50:56:ab:cd:ef' }],
      },
    })
  })

  it('makes a DataVolume for each disk, rounded up to MiB, empty ones blank', () => {
    const { virtualMachine, disks } = toVirtualMachine(
      aMachine({
        disks: [...aMachine().disks, { id: '2', capacityBytes: gibibyte, fileName: undefined }],
      }),
      options,
    )
    expect(disks.map(({ dataVolume }) => dataVolume)).toEqual(['web-1-disk-0', 'web-1-disk-1'])
    expect(virtualMachine.spec.dataVolumeTemplates?.map(({ spec }) => spec)).toEqual([
      { source: { upload: {} }, storage: { resources: { requests: { storage: '10241Mi' } } } },
      { source: { blank: {} }, storage: { resources: { requests: { storage: '1Gi' } } } },
    ])
  })

  it.each([
    ['efi without secure boot', { firmware: 'efi' as const }, { efi: { secureBoot: false, persistent: true } }],
    ['efi with secure boot', { firmware: 'efi' as const, secureBoot: true }, { efi: { secureBoot: true, persistent: true } }],
  ])('maps firmware: %s', (_, more, bootloader) => {
    expect(domainOf(aMachine(more)).firmware?.bootloader).toEqual(bootloader)
  })

  it('counts cores as sockets if they do not divide', () => {
    expect(domainOf(aMachine({ cpuCount: 3, coresPerSocket: 2 })).cpu).toEqual({ sockets: 3, cores: 1, threads: 1 })
  })

  it('gives Windows and old guests what they know', () => {
    expect(domainOf(aMachine({ guestId: 'windows2019srv_64Guest' })).devices.disks?.[0]?.disk?.bus).toBe('sata')
    expect(
      domainOf(aMachine({ nics: [{ network: 'x', mac: undefined, model: 'E1000', connected: true }] })).devices.interfaces?.[0]
        ?.model,
    ).toBe('e1000e')
  })

  it('maps networks by name', () => {
    const { virtualMachine } = toVirtualMachine(aMachine(), { ...options, networkMap: new Map([['VM Network', 'prod/vlan7']]) })
    expect(virtualMachine.spec.template.spec.networks).toEqual([{ name: 'net-0', multus: { networkName: 'prod/vlan7' } }])
  })

  it('tells what the owner should know, worst first', () => {
    const { concerns } = toVirtualMachine(
      aMachine({ name: 'Web Server', passthroughCount: 1, vtpm: true, hotAdd: true }),
      options,
    )
    expect(concerns.map(({ id, severity }) => `${severity} ${id}`)).toEqual([
      'Critical vmware.passthrough_device.detected',
      'Warning ova.vm.name.invalid',
      'Warning ova.cpu_memory.hotplug.enabled',
      'Warning vmware.tpm.detected',
    ])
    expect(concerns.every(({ remedy }) => remedy !== '')).toBe(true)
  })
})

it.each([
  ['Web Server (prod)', 'web-server-prod'],
  ['__', 'machine'],
  ['Ünïcode', 'u-ni-code'],
])('makes a label of %s', (text, label) => {
  expect(toLabel(text, 'machine')).toBe(label)
})

it('keeps long names apart', () => {
  const names = ['a', 'b'].map((end) => toLabel(`${'x'.repeat(80)}${end}`, 'machine'))
  expect(names[0]).not.toBe(names[1])
  expect(names.every((name) => name.length <= 63)).toBe(true)
})

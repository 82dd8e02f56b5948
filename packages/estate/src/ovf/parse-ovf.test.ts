import { describe, expect, it } from 'vitest'
import { parseOvf } from './parse-ovf.ts'

const item = (kind: number | string, id: number, more: string, attributes = ''): string =>
  `<Item${attributes}><rasd:InstanceID>${id}</rasd:InstanceID><rasd:ResourceType>${kind}</rasd:ResourceType>${more}</Item>`
const quantity = (value: number, units = ''): string =>
  `<rasd:VirtualQuantity>${value}</rasd:VirtualQuantity>${units === '' ? '' : `<rasd:AllocationUnits>${units}</rasd:AllocationUnits>`}`
const basics = item(3, 1, `${quantity(4)}<vmw:CoresPerSocket>2</vmw:CoresPerSocket>`) + item(4, 2, quantity(2048, 'byte * 2^20'))
const disk = (id: string, parent: number, at: number, instance: number): string =>
  item(
    17,
    instance,
    `<rasd:HostResource>ovf:/disk/${id}</rasd:HostResource><rasd:Parent>${parent}</rasd:Parent><rasd:AddressOnParent>${at}</rasd:AddressOnParent>`,
  )

const envelope = (hardware: string, { before = '', disks = '', files = '', system = '' } = {}): string => `${before}
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
 xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf">
<References>${files}</References><DiskSection>${disks}</DiskSection>${system}
<VirtualSystem ovf:id="web"><Name>Web 01</Name><OperatingSystemSection ovf:id="96" vmw:osType="debian11_64Guest"/>
<VirtualHardwareSection>${hardware}</VirtualHardwareSection></VirtualSystem></Envelope>`

const vsphere = envelope(
  `${basics}${disk('b', 3, 1, 12)}${disk('a', 3, 0, 11)}
  ${item(10, 13, '<rasd:Connection>VM Network</rasd:Connection><rasd:Address>00:50:56:AB:CD:EF</rasd:Address><rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType>')}
  ${item(15, 14, '')}
  <vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="efi"/>
  <vmw:Config vmw:key="bootOptions.efiSecureBootEnabled" vmw:value="true"/>
  <vmw:ExtraConfig vmw:key="uuid.bios" vmw:value="42 1f 00 01 02 03 04 05-06 07 08 09 0a 0b 0c 0d"/>`,
  {
    files: '<File ovf:id="f1" ovf:href="web-disk1.vmdk"/>',
    disks:
      '<Disk ovf:diskId="a" ovf:fileRef="f1" ovf:capacity="16" ovf:capacityAllocationUnits="byte * 2^30"/><Disk ovf:diskId="b" ovf:capacity="1048576"/>',
  },
)

describe('parseOvf', () => {
  it('takes no kind of hardware for one because every object has a field of its name', () => {
    expect(parseOvf(envelope(basics + item('constructor', 9, '') + item('toString', 10, '')), 'web.ovf').dropped).toEqual([])
  })

  it('reads an export of vSphere, disks in the order of their places', () => {
    expect(parseOvf(vsphere, 'web.ovf')).toEqual({
      name: 'Web 01',
      guestId: 'debian11_64Guest',
      firmware: 'efi',
      secureBoot: true,
      uuid: '421f0001-0203-0405-0607-08090a0b0c0d',
      cpuCount: 4,
      coresPerSocket: 2,
      memoryBytes: 2 ** 31,
      vtpm: false,
      hotAdd: false,
      passthroughCount: 0,
      usb: false,
      dropped: ['CD-ROM'],
      disks: [
        { id: 'a', capacityBytes: 2 ** 34, fileName: 'web-disk1.vmdk' },
        { id: 'b', capacityBytes: 2 ** 20, fileName: undefined },
      ],
      nics: [{ network: 'VM Network', mac: '00:50:56:ab:cd:ef', model: 'vmxnet3', connected: true }],
    })
  })

  it('refuses a disk of 1 PiB', () => {
    const disks = '<Disk ovf:diskId="a" ovf:capacity="1" ovf:capacityAllocationUnits="byte * 2^50"/>'
    expect(() => parseOvf(envelope(basics + disk('a', 3, 0, 9), { disks }), 'a.ovf')).toThrow(
      expect.objectContaining({ code: 'IMAGE_LIMIT', message: expect.stringContaining('1125899906842624 bytes') }),
    )
  })

  it('counts the chunks of a file that was cut', () => {
    const files = '<File ovf:id="f" ovf:href="a.vmdk" ovf:size="2500" ovf:chunkSize="1000" ovf:compression="gzip"/>'
    const disks = '<Disk ovf:diskId="a" ovf:fileRef="f" ovf:capacity="4096"/>'
    expect(parseOvf(envelope(basics + disk('a', 3, 0, 9), { files, disks }), 'a.ovf').disks).toEqual([
      { id: 'a', capacityBytes: 4096, fileName: 'a.vmdk', chunks: { count: 3, totalBytes: 2500 } },
    ])
  })

  it.each([
    ['bzip2', 'ovf:compression="bzip2"'],
    ['size and chunkSize', 'ovf:chunkSize="1"'],
    ['size and chunkSize', 'ovf:chunkSize="0" ovf:size="10"'],
    ['size and chunkSize', 'ovf:chunkSize="1" ovf:size="1099511627776"'],
    ['size and chunkSize', 'ovf:chunkSize="-1" ovf:size="10"'],
  ])('refuses a file with a strange %s: %s', (message, attributes) => {
    const files = `<File ovf:id="f" ovf:href="a.vmdk" ${attributes}/>`
    const disks = '<Disk ovf:diskId="a" ovf:fileRef="f" ovf:capacity="4096"/>'
    expect(() => parseOvf(envelope(basics + disk('a', 3, 0, 9), { files, disks }), 'a.ovf')).toThrow(
      expect.objectContaining({ code: 'IMAGE_DESCRIPTOR', message: expect.stringContaining(message) }),
    )
  })

  it('takes the default configuration', () => {
    const options =
      '<DeploymentOptionSection><Configuration ovf:id="small"/><Configuration ovf:id="big" ovf:default="true"/></DeploymentOptionSection>'
    const hardware =
      basics +
      item(4, 2, quantity(1, 'GigaBytes'), ' ovf:configuration="small"') +
      item(4, 2, quantity(8, 'GigaBytes'), ' ovf:configuration="big"')
    expect(parseOvf(envelope(hardware, { system: options }), 'a.ovf').memoryBytes).toBe(2 ** 33)
  })

  it.each([
    ['entities', envelope(basics, { before: '<!DOCTYPE x [<!ENTITY a "b">]>' }), 'DOCTYPE'],
    ['an unknown entity', envelope(`${basics}&boom;`), 'entity'],
    ['deep nesting', '<a>'.repeat(100), 'deep'],
    ['more than 5 MB', ' '.repeat(6_000_000), 'at most'],
    ['another document', '<html/>', "'html'"],
    ['what is no XML', 'hello', 'cannot be read'],
    ['several machines', envelope(basics, { system: '<VirtualSystem/>' }), 'several machines'],
    ['a disk that is not there', envelope(basics + disk('z', 3, 0, 9)), "'z'"],
    ['duplicate names', envelope(basics, { disks: '<Disk ovf:diskId="a"/><Disk ovf:diskId="a"/>' }), 'twice'],
    ['memory in unknown units', envelope(basics.replace('byte * 2^20', 'bushels')), 'bushels'],
    ['no memory', envelope(item(3, 1, quantity(1))), 'memory'],
  ])('refuses %s', (_, text, message) => {
    expect(() => parseOvf(text, 'a.ovf')).toThrow(
      expect.objectContaining({ code: 'IMAGE_DESCRIPTOR', message: expect.stringContaining(message) }),
    )
  })
})

import { createHash } from 'node:crypto'
import type { TarMember } from './tar.ts'

/** What a descriptor says of its only disk. */
export interface DescribedDisk {
  readonly href: string
  readonly capacityBytes: number
  /** More attributes of the `File` element, such as `ovf:compression="gzip"`. */
  readonly fileAttributes?: string
}

const names =
  'xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"'
const item = (kind: number, id: number, more: string): string =>
  `<Item><rasd:InstanceID>${id}</rasd:InstanceID><rasd:ResourceType>${kind}</rasd:ResourceType>${more}</Item>`

/** An OVF descriptor of a machine with one disk. `before` precedes the root element. */
export const descriptorOf = ({ href, capacityBytes, fileAttributes = '' }: DescribedDisk, before = ''): string =>
  `<?xml version="1.0"?>${before}<Envelope ${names}><References><File ovf:id="f" ovf:href="${href}" ${fileAttributes}/></References>` +
  `<DiskSection><Info/><Disk ovf:diskId="d" ovf:fileRef="f" ovf:capacity="${capacityBytes}"/></DiskSection>` +
  `<VirtualSystem ovf:id="web"><Info/><VirtualHardwareSection><Info/>` +
  item(3, 1, '<rasd:VirtualQuantity>1</rasd:VirtualQuantity>') +
  item(4, 2, '<rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:VirtualQuantity>64</rasd:VirtualQuantity>') +
  item(17, 3, '<rasd:HostResource>ovf:/disk/d</rasd:HostResource>') +
  '</VirtualHardwareSection></VirtualSystem></Envelope>'

/** The manifest of `members`, as `algorithm`. */
export function manifestOf(members: readonly TarMember[], algorithm = 'sha256'): TarMember {
  const lines = members.map(
    ({ name, bytes }) => `${algorithm.toUpperCase()}(${name})= ${createHash(algorithm).update(bytes).digest('hex')}\n`,
  )
  return { name: 'web.mf', bytes: Buffer.from(lines.join('')) }
}

/** Descriptor, disk and a manifest at the end. */
export function membersOf(
  disk: Buffer,
  described: Partial<DescribedDisk> & Pick<DescribedDisk, 'capacityBytes'>,
): readonly TarMember[] {
  const href = described.href ?? 'web-disk1.vmdk'
  const members = [
    { name: 'web.ovf', bytes: Buffer.from(descriptorOf({ ...described, href })) },
    { name: href, bytes: disk },
  ]
  return [...members, manifestOf(members)]
}

import { WeirError } from '@weir/base'
import type { SourceMachine } from '@weir/estate'
import type { SourceEvent } from './read-source.ts'

/** How much of an image tells what it is. */
export const headBytes = 4096
const sectorBytes = 512
const compressedGrains = 0x10000

/** What the first bytes of an image are. The content of an `Outline` lies in other files; a `Stream` tells its own end. */
export type DiskKind = 'Outline' | 'Qcow2' | 'Raw' | 'Sparse' | 'Stream'

/** Tells the kind by magic numbers (VMDK 1.1 specification, `flags` at byte 8; QCOW2). Anything unknown is raw. */
export function kindOf(head: Buffer): DiskKind {
  if (head.toString('latin1', 0, 21) === '# Disk DescriptorFile') return 'Outline'
  const magic = head.toString('latin1', 0, 4)
  if (magic === 'QFI\u00fb') return 'Qcow2'
  if (magic !== 'KDMV') return 'Raw'
  return head.length >= 12 && (head.readUInt32LE(8) & compressedGrains) !== 0 ? 'Stream' : 'Sparse'
}

/**
 * The size of the disk that an image stands for, in bytes: from its header, or its length if it is raw, which may be unknown.
 * @throws IMAGE_FORMAT, IMAGE_TRUNCATED, IMAGE_LIMIT
 */
export function capacityOf(
  head: Buffer,
  { name, lengthBytes }: { readonly name: string; readonly lengthBytes?: number },
): number {
  const kind = kindOf(head)
  if (kind === 'Raw' && lengthBytes === undefined)
    throw new WeirError('IMAGE_FORMAT', `the server does not tell how long '${name}' is; download it first, then import the file`)
  if (kind === 'Raw' && (lengthBytes ?? 0) % sectorBytes !== 0)
    throw new WeirError(
      'IMAGE_FORMAT',
      `'${name}' is no disk image: it has no header of one, and its ${lengthBytes} bytes are no whole number of sectors`,
    )
  if (kind !== 'Raw' && head.length < 32) throw new WeirError('IMAGE_TRUNCATED', `'${name}' ends in its header`)
  const capacity = kind === 'Raw' ? (lengthBytes ?? 0) : capacityIn(head, kind)
  if (!Number.isSafeInteger(capacity) || capacity <= 0 || capacity > 2 ** 47) {
    throw new WeirError('IMAGE_LIMIT', `'${name}' says it holds ${capacity} bytes; 1 byte to 128 TiB are taken`)
  }
  return capacity
}

const capacityIn = (head: Buffer, kind: DiskKind): number =>
  kind === 'Qcow2' ? Number(head.readBigUInt64BE(24)) : Number(head.readBigUInt64LE(12)) * sectorBytes

/** A bare disk, with a machine around it. */
export async function* oneDisk(capacityBytes: number, file: Extract<SourceEvent, { kind: 'File' }>): AsyncGenerator<SourceEvent> {
  const name = file.name.replace(/\.(?:vmdk|qcow2|raw|img)$/iu, '')
  yield { kind: 'Machine', machine: machineAround(name, file.name, capacityBytes) }
  yield file
  yield { kind: 'End', verified: false, signed: false }
}

/** A bare disk is a machine with that disk, 1 CPU and 1 GiB. */
const machineAround = (name: string, fileName: string, capacityBytes: number): SourceMachine => ({
  name,
  guestId: 'otherLinux64Guest',
  firmware: 'bios',
  secureBoot: false,
  uuid: undefined,
  cpuCount: 1,
  coresPerSocket: 1,
  memoryBytes: 2 ** 30,
  vtpm: false,
  hotAdd: false,
  passthroughCount: 0,
  usb: false,
  dropped: [],
  disks: [{ id: '0', capacityBytes, fileName }],
  nics: [{ network: 'pod', mac: undefined, model: 'VmxNet3', connected: true }],
})

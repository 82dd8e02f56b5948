import type { ImageFormat } from './qemu-img.ts'

/** What the first bytes of a stream are: an image we take, a compressed image, or something refused with a reason. */
export type Recognized =
  | { readonly kind: 'Image'; readonly format: ImageFormat }
  | { readonly kind: 'Compressed'; readonly by: 'gzip' }
  | { readonly kind: 'Refused'; readonly reason: string }

/** How many bytes `recognizeImage` wants to see, if the stream has as many. */
export const recognizeBytes = 512

const ascii = (bytes: Uint8Array, from: number, to: number): string => Buffer.from(bytes.subarray(from, to)).toString('latin1')

/**
 * Tells the format of a disk image by its magic number; anything unknown is a raw disk. Formats that name other files
 * (a VMDK descriptor, a sparse VMDK of capacity 0 with an embedded descriptor) are refused before any tool opens them.
 */
export function recognizeImage(head: Uint8Array): Recognized {
  const magic = ascii(head, 0, 4)
  if (magic === 'QFI\u00fb') return { kind: 'Image', format: 'qcow2' }
  if (magic === 'KDMV') return recognizeSparseVmdk(head)
  if (head[0] === 0x1f && head[1] === 0x8b) return { kind: 'Compressed', by: 'gzip' }
  const refused = refusedMagics.find(({ text, offset = 0 }) => ascii(head, offset, offset + text.length) === text)
  return refused === undefined ? { kind: 'Image', format: 'raw' } : { kind: 'Refused', reason: refused.reason }
}

/** VMDK 1.1 specification, `SparseExtentHeader`: capacity in sectors at byte 12. */
function recognizeSparseVmdk(head: Uint8Array): Recognized {
  const capacity = head.length < 20 ? 0n : Buffer.from(head.buffer, head.byteOffset, head.byteLength).readBigUInt64LE(12)
  if (capacity !== 0n) return { kind: 'Image', format: 'vmdk' }
  return { kind: 'Refused', reason: 'it is a VMDK of capacity 0, which can only point at other files' }
}

const refusedMagics: readonly { readonly text: string; readonly offset?: number; readonly reason: string }[] = [
  {
    text: '# Disk DescriptorFile',
    reason: 'it is a VMDK descriptor, which only names other files; give the sparse or streamOptimized VMDK',
  },
  { text: 'COWD', reason: 'it is a VMDK of the old COWD kind; convert it with vmkfstools first' },
  { text: '\u00fd7zXZ', reason: 'it is compressed with xz; unpack it first' },
  { text: '(\u00b5/\u00fd', reason: 'it is compressed with zstd; unpack it first' },
  { text: 'BZh', reason: 'it is compressed with bzip2; unpack it first' },
  { text: 'PK\u0003\u0004', reason: 'it is a zip archive; unpack it first' },
  { text: 'vhdxfile', reason: 'it is a VHDX image; convert it to qcow2 first' },
  { text: 'conectix', reason: 'it is a VHD image; convert it to qcow2 first' },
  { text: '\u007f\u0010\u00da\u00be', offset: 64, reason: 'it is a VDI image; convert it to qcow2 first' },
  { text: 'QED\0', reason: 'it is a QED image; convert it to qcow2 first' },
  { text: 'ustar', offset: 257, reason: 'it is a tar archive (an OVA?); import it with `weir import`' },
]

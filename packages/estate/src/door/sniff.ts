/** What a file is by its first bytes. */
export type FileKind = 'Zip' | 'Compound' | 'Tar' | 'Xml' | 'Json' | 'Text' | 'Binary'

/** How many bytes `sniff` wants to see, at most. */
export const sniffBytes = 4096

/** Tells the kind of a file from its first bytes; its name says nothing. */
export function sniff(head: Uint8Array): FileKind {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  const starts = (...values: readonly number[]): boolean => values.every((value, index) => bytes[index] === value)
  if (starts(0x50, 0x4b, 3, 4) || starts(0x50, 0x4b, 5, 6)) return 'Zip'
  if (starts(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1)) return 'Compound'
  if (bytes.toString('latin1', 257, 262) === 'ustar') return 'Tar'
  if (starts(0xff, 0xfe) || starts(0xfe, 0xff)) return 'Text'
  if (bytes.includes(0)) return 'Binary'
  const first = bytes
    .toString('utf8')
    .replace(/^\uFEFF/u, '')
    .trimStart()[0]
  return first === '{' ? 'Json' : first === '<' ? 'Xml' : 'Text'
}

/**
 * True if an OLE compound file holds an encrypted OOXML package (MS-OFFCRYPTO 2.3.4), rather than an old `.xls`: its directory, of
 * which `head` has at least the beginning for small files, names the stream `EncryptedPackage`.
 */
export const isEncryptedPackage = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(Buffer.from('EncryptedPackage', 'utf16le'))

/** A member of a tar archive, right or wrong: names are not checked. */
export interface TarMember {
  readonly name: string
  readonly bytes: Uint8Array
}

const blockBytes = 512

/** A tar archive (ustar) of `members`. */
export function tarOf(members: readonly TarMember[]): Buffer {
  const parts = members.flatMap(({ name, bytes }) => [
    headerOf(name, bytes.length),
    bytes,
    Buffer.alloc((blockBytes - (bytes.length % blockBytes)) % blockBytes),
  ])
  return Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)])
}

function headerOf(name: string, sizeBytes: number): Buffer {
  const octal = (value: number, length: number): string => value.toString(8).padStart(length, '0')
  const header = Buffer.alloc(blockBytes)
  header.write(name, 0, 100)
  header.write(octal(0o644, 7), 100)
  header.write(octal(0, 7), 108)
  header.write(octal(0, 7), 116)
  header.write(octal(sizeBytes, 11), 124)
  header.write(octal(0, 11), 136)
  header.write(' '.repeat(8), 148)
  header.write('0', 156)
  header.write('ustar', 257)
  header.write('00', 263)
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
  )
  return header
}

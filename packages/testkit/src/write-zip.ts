import { crc32, deflateRawSync } from 'node:zlib'

/** A file of an archive; what is given beside its name and bytes is written as it is, true or not. */
export interface ZipFile {
  readonly name: string
  readonly bytes: Uint8Array | string
  readonly method?: number
  readonly flags?: number
  readonly crc?: number
  readonly sizeBytes?: number
}

/** A zip archive (APPNOTE 6.3.10) of deflated files, without zip64. It can lie, so that readers of archives can be tested. */
export function writeZip(files: readonly ZipFile[]): Uint8Array {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const file of files) {
    const name = Buffer.from(file.name)
    const plain = Buffer.from(file.bytes)
    const data = file.method === 0 ? plain : deflateRawSync(plain)
    const header = Buffer.alloc(26)
    header.writeUInt16LE(20, 0)
    header.writeUInt16LE(file.flags ?? 0x800, 2)
    header.writeUInt16LE(file.method ?? 8, 4)
    header.writeUInt32LE(file.crc ?? crc32(plain), 10)
    header.writeUInt32LE(data.length, 14)
    header.writeUInt32LE(file.sizeBytes ?? plain.length, 18)
    header.writeUInt16LE(name.length, 22)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    parts.push(Buffer.from('PK\u0003\u0004', 'latin1'), header, name, data)
    directory.push(Buffer.from('PK\u0001\u0002\u0014\u0000', 'latin1'), header, place, name)
    offset += 4 + header.length + name.length + data.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006', 0, 'latin1')
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, central, end])
}

/** A file of an archive. `mode` has the type bits, as in stat(2). */
export interface NewcEntry {
  readonly path: string
  readonly mode: number
  readonly data: Uint8Array
}

const pad = (length: number): number => (4 - (length % 4)) % 4

/** A cpio archive in the `newc` form that Linux unpacks as initramfs (kernel documentation: early-userspace/buffer-format). */
export function packNewc(entries: readonly NewcEntry[]): Buffer {
  const all = [...entries, { path: 'TRAILER!!!', mode: 0, data: new Uint8Array() }]
  return Buffer.concat(all.flatMap((entry, index) => pack(entry, index + 1)))
}

function pack({ path, mode, data }: NewcEntry, inode: number): readonly Uint8Array[] {
  const name = Buffer.from(`${path}\0`)
  const fields = [inode, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length, 0]
  const head = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`)
  return [head, name, Buffer.alloc(pad(head.length + name.length)), data, Buffer.alloc(pad(data.length))]
}

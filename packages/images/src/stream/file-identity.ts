import type { FileHandle } from 'node:fs/promises'

/** What tells a file and its content from others: device, inode, length and the time of the last change, in decimal. */
export interface FileIdentity {
  readonly dev: string
  readonly ino: string
  readonly size: string
  readonly mtimeNs: string
}

/** The identity of an open file. */
export async function identityOf(file: FileHandle): Promise<FileIdentity> {
  const { dev, ino, size, mtimeNs } = await file.stat({ bigint: true })
  return { dev: String(dev), ino: String(ino), size: String(size), mtimeNs: String(mtimeNs) }
}

/** True if both are the same file with the same content. */
export const isSameFile = (a: FileIdentity, b: FileIdentity): boolean =>
  a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs

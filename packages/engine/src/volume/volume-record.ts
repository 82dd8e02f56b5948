import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { WeirError } from '@weir/base'

/**
 * What `volume.json` beside an image says of it: the truth about which file is the disk, in which format, and over which
 * frozen base. It is replaced atomically, so a volume is either the old or the new one.
 */
export interface VolumeRecord {
  /** The image's file name in the same folder. */
  readonly file: string
  readonly format: 'raw' | 'qcow2'
  readonly sizeBytes: number
  /** The frozen base that the image lies over. */
  readonly base?: string
  /** Length and modification time of a new overlay; while they hold, nothing was written to it. */
  readonly untouched?: string
}

const recordFile = 'volume.json'

/** Reads the record of a folder, undefined if there is none. @throws VOLUME_IMAGE_REFUSED if it is damaged. */
export async function loadRecord(folder: string): Promise<VolumeRecord | undefined> {
  const text = await readFile(join(folder, recordFile), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
  return text === undefined ? undefined : parseRecord(text, folder)
}

function parseRecord(text: string, folder: string): VolumeRecord {
  const damaged = (cause?: unknown): WeirError =>
    new WeirError(
      'VOLUME_IMAGE_REFUSED',
      `'${join(folder, recordFile)}' is damaged; put it back from a copy, or delete the claim with its disk`,
      { cause },
    )
  let record: unknown
  try {
    record = JSON.parse(text)
  } catch (cause) {
    throw damaged(cause)
  }
  if (!isRecord(record)) throw damaged()
  return record
}

function isRecord(value: unknown): value is VolumeRecord {
  if (typeof value !== 'object' || value === null) return false
  const { file, format, sizeBytes, base } = value as Partial<Record<keyof VolumeRecord, unknown>>
  return (
    isPlainName(file) &&
    (format === 'raw' || format === 'qcow2') &&
    Number.isSafeInteger(sizeBytes) &&
    (base === undefined || isPlainName(base))
  )
}

/** A name in the same folder: no path leads out of it. */
const isPlainName = (name: unknown): boolean => typeof name === 'string' && /^\w[\w.-]*$/u.test(name)

/** Replaces the record of a folder; durable when it resolves. */
export async function saveRecord(folder: string, record: VolumeRecord): Promise<void> {
  const scratch = join(folder, `${scratchPrefix}record`)
  const file = await open(scratch, 'w', 0o600)
  try {
    await file.writeFile(JSON.stringify(record))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(scratch, join(folder, recordFile))
  await syncFolder(folder)
}

/** Files that begin so are half-made; they go when the volumes start. */
export const scratchPrefix = 'scratch-'

/** True for a file that belongs to the folder's finished state. */
export const isKept = (name: string, record: VolumeRecord): boolean => name === recordFile || name === record.file

/** Makes the names in a folder durable. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Deletes a folder and all in it; nothing if it is gone. */
export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })

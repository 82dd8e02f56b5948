import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { WeirError } from '@weir/base'
import type { ByteSource } from '../zip/zip-archive.ts'
import { type FileKind, isEncryptedPackage, sniff, sniffBytes } from './sniff.ts'

/** A path of a file or folder, or bytes and what to call them. */
export type EstateInput = string | { readonly name: string; readonly bytes: Uint8Array }

/** A file of an estate, known by its kind and not read yet. */
export interface InputFile {
  readonly name: string
  /** Files of one folder, or bytes given together, belong together. */
  readonly group: string
  readonly kind: FileKind
  readonly source: ByteSource
  /** False if it was only found in a folder: then it may be anything. */
  readonly isNamed: boolean
  chunks(): AsyncIterable<Uint8Array>
}

const filesMax = 20_000
const depthMax = 4

/**
 * The files that inputs stand for; a folder stands for all in it, four levels deep, links left out.
 * @throws ESTATE_UNREADABLE, ESTATE_LIMIT for more than 20,000 files, ESTATE_ENCRYPTED and ESTATE_FORMAT for compound files
 */
export async function expandInputs(inputs: readonly EstateInput[], signal?: AbortSignal): Promise<readonly InputFile[]> {
  const files: InputFile[] = []
  for (const input of inputs) {
    signal?.throwIfAborted()
    if (typeof input !== 'string') files.push(fromBytes(input.name, input.bytes))
    else {
      const found = await readable(input, () => stat(input))
      if (found.isDirectory()) await addFolder(input, 0, files, signal)
      else if (found.isFile()) files.push(await fromPath(input, true))
      else throw new WeirError('ESTATE_UNREADABLE', `'${input}' is neither a file nor a folder.`)
    }
  }
  return files
}

function fromBytes(name: string, bytes: Uint8Array): InputFile {
  const kind = sniff(bytes.subarray(0, sniffBytes))
  if (kind === 'Compound') throw compoundError(name, bytes)
  return {
    name: basename(name),
    group: '',
    kind,
    source: bytes,
    isNamed: true,
    // oxlint-disable-next-line require-await -- An asynchronous sequence of bytes that are here already.
    chunks: async function* () {
      for (let at = 0; at < bytes.byteLength; at += 256 * 1024) yield bytes.subarray(at, at + 256 * 1024)
    },
  }
}

async function fromPath(path: string, isNamed: boolean): Promise<InputFile> {
  const head = await readable(path, () => readHead(path, sniffBytes))
  const kind = sniff(head)
  // An encrypted export must not be passed over in silence, wherever it lies.
  if (kind === 'Compound' && (isNamed || /\.xlsx$/iu.test(path))) throw compoundError(path, await readHead(path, 16 * 2 ** 20))
  return {
    name: basename(path),
    group: dirname(path),
    kind,
    source: path,
    isNamed,
    chunks: () => createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Uint8Array>,
  }
}

async function readHead(path: string, bytes: number): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const buffer = Buffer.alloc(Math.min(bytes, (await file.stat()).size))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function addFolder(folder: string, depth: number, files: InputFile[], signal: AbortSignal | undefined): Promise<void> {
  const entries = await readable(folder, () => readdir(folder, { withFileTypes: true }))
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    signal?.throwIfAborted()
    if (files.length >= filesMax)
      throw new WeirError('ESTATE_LIMIT', `'${folder}' holds more than ${filesMax} files; name the export itself.`)
    const path = join(folder, entry.name)
    if (entry.isFile() && !entry.name.startsWith('.')) files.push(await fromPath(path, false))
    else if (entry.isDirectory() && depth < depthMax) await addFolder(path, depth + 1, files, signal)
  }
}

function compoundError(name: string, bytes: Uint8Array): WeirError {
  return isEncryptedPackage(bytes)
    ? new WeirError(
        'ESTATE_ENCRYPTED',
        `'${name}' is protected by a password. Open it in a spreadsheet, take the password off and save it.`,
      )
    : new WeirError('ESTATE_FORMAT', `'${name}' is an old workbook (.xls) or another compound file. Save it as .xlsx.`)
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new WeirError('ESTATE_UNREADABLE', `'${path}' cannot be opened: ${reason}.`, { cause: error })
  }
}

import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { WeirError } from '@weir/base'
import { ManifestCheck, parseManifest } from './manifest.ts'
import type { ApplianceEvent } from './open-ova.ts'
import { assertPlainName } from './plain-name.ts'

const textBytesMax = 5 * 1024 * 1024

/**
 * Reads an OVF package that lies in a folder, as `openOva` reads it from an archive. `filesOf` gives the names of the files that
 * the descriptor refers to; they are looked for beside it and nowhere else.
 * @throws IMAGE_NAME, IMAGE_LIMIT, IMAGE_CHECKSUM, IMAGE_FORMAT if a file is missing.
 */
export async function* openOvf(path: string, filesOf: (text: string) => readonly string[]): AsyncGenerator<ApplianceEvent> {
  const folder = dirname(path)
  const name = basename(path)
  const manifestPath = path.replace(/\.ovf$/iu, '.mf')
  const check = new ManifestCheck()
  const manifest = manifestPath === path ? undefined : await readIfThere(manifestPath)
  if (manifest !== undefined) check.addManifest(parseManifest(manifest, basename(manifestPath)))
  const text = await collect(check.watch(name, await openFile(path, textBytesMax)))
  yield { kind: 'Descriptor', name, text }
  for (const file of filesOf(text)) {
    const at = join(folder, assertPlainName(file, `'${name}'`))
    const bytes = check.watch(file, await openFile(at, Number.POSITIVE_INFINITY))
    yield { kind: 'File', name: file, sizeBytes: (await stat(at)).size, bytes }
    for await (const _ of bytes) continue
  }
  yield { kind: 'End', verified: check.finish(), signed: false }
}

async function openFile(path: string, maxBytes: number): Promise<AsyncIterable<Uint8Array>> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile() !== true) throw new WeirError('IMAGE_FORMAT', `'${path}' is missing; the descriptor refers to it.`)
  if (found.size > maxBytes)
    throw new WeirError('IMAGE_LIMIT', `'${path}' has ${found.size} bytes; at most ${maxBytes} are read.`)
  return createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>
}

const readIfThere = async (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined)

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of bytes) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

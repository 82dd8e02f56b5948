import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { WeirError } from '@weir/base'
import type { FileRegion } from '../stream/file-region.ts'
import { readRegion } from '../stream/file-region.ts'
import { ManifestCheck, parseManifest } from './manifest.ts'
import { fileEvents } from './open-ova-file.ts'
import type { ApplianceEvent } from './open-ova.ts'
import { readText } from './ova-entry.ts'
import { assertPlainName } from './plain-name.ts'

/** A file of a package that is not packed into one. */
export interface PackageFile {
  /** Undefined if that is not known before its end. */
  readonly sizeBytes: number | undefined
  readonly bytes: AsyncIterable<Uint8Array>
  readonly region?: FileRegion
  close(): Promise<void>
}

/** Where the files of an OVF package lie side by side. */
export interface PackageFolder {
  /** The file, or undefined if there is none of that name. `name` is a plain one. */
  open(name: string): Promise<PackageFile | undefined>
}

/** A folder of this machine. */
export const localFolder = (path: string): PackageFolder => ({
  async open(name) {
    const at = join(path, name)
    const found = await stat(at).catch(() => undefined)
    if (found?.isFile() !== true) return undefined
    const file = await open(at, 'r')
    const region = { file, offset: 0, lengthBytes: (await file.stat()).size }
    return { sizeBytes: region.lengthBytes, bytes: readRegion(region, name), region, close: () => file.close() }
  },
})

/**
 * Reads an OVF package whose descriptor `name` lies in `folder`, as `openOva` reads it from an archive. `filesOf` gives the names
 * of the files that the descriptor refers to; they are looked for beside it and nowhere else.
 * @throws IMAGE_NAME, IMAGE_LIMIT, IMAGE_CHECKSUM, IMAGE_FORMAT if a file is missing.
 */
export async function* openOvf(
  folder: PackageFolder,
  name: string,
  filesOf: (text: string) => readonly string[],
): AsyncGenerator<ApplianceEvent> {
  const check = new ManifestCheck()
  const manifestName = name.replace(/\.ovf$/iu, '.mf')
  const manifest = manifestName === name ? undefined : await folder.open(manifestName)
  if (manifest !== undefined)
    check.addManifest(parseManifest(await readWhole(manifest, { name: manifestName, label: name }), manifestName))
  const descriptor = await existing(folder, name)
  const watched = { ...descriptor, bytes: check.watch(name, descriptor.bytes) }
  const text = await readWhole(watched, { name, label: name })
  yield { kind: 'Descriptor', name, text }
  for (const each of filesOf(text)) {
    const file = await existing(folder, assertPlainName(each, `'${name}'`))
    try {
      if (file.region !== undefined) yield* fileEvents({ ...file.region, name: each }, check)
      else {
        const bytes = check.watch(each, file.bytes)
        yield { kind: 'File', name: each, sizeBytes: file.sizeBytes, bytes }
        for await (const _ of bytes) continue
      }
    } finally {
      await file.close()
    }
  }
  yield { kind: 'End', verified: check.finish(), signed: false }
}

async function existing(folder: PackageFolder, name: string): Promise<PackageFile> {
  const file = await folder.open(name)
  if (file === undefined) throw new WeirError('IMAGE_FORMAT', `'${name}' is missing; the descriptor refers to it.`)
  return file
}

async function readWhole(file: PackageFile, { name, label }: { readonly name: string; readonly label: string }): Promise<string> {
  try {
    return await readText({ name, sizeBytes: file.sizeBytes, bytes: file.bytes }, label)
  } finally {
    await file.close()
  }
}

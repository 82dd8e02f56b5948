import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { pack } from 'tar-stream'

/** A file of an appliance; `bytes` is read once. */
export interface OvaFile {
  readonly name: string
  readonly sizeBytes: number
  readonly bytes: AsyncIterable<Uint8Array>
}

/**
 * Writes an OVA (DSP0243: a ustar of the descriptor, its files, then a SHA-256 manifest) to `write`, with back-pressure.
 * The descriptor's name ends in `.ovf`.
 */
export async function writeOva(
  descriptor: { readonly name: string; readonly text: string },
  files: readonly OvaFile[],
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const tar = pack()
  const lines: string[] = []
  const add = async ({ name, sizeBytes, bytes }: OvaFile): Promise<void> => {
    const hash = createHash('sha256')
    const entry = tar.entry({ name, size: sizeBytes })
    for await (const part of bytes) {
      hash.update(part)
      if (!entry.write(part)) await once(entry, 'drain')
    }
    entry.end(undefined)
    lines.push(`SHA256(${name})= ${hash.digest('hex')}\n`)
  }
  const adding = (async () => {
    await add(fileOf(descriptor.name, descriptor.text))
    for (const file of files) await add(file)
    const manifest = lines.join('')
    await add(fileOf(descriptor.name.replace(/\.ovf$/u, '.mf'), manifest))
    tar.finalize()
  })()
  adding.catch((error: unknown) => tar.destroy(error as Error))
  for await (const bytes of tar) await write(bytes as Uint8Array)
  await adding
}

const fileOf = (name: string, text: string): OvaFile => ({
  name,
  sizeBytes: Buffer.byteLength(text),
  bytes: (async function* whole() {
    yield Buffer.from(text)
  })(),
})

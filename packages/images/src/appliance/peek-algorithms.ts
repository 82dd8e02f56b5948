import { open } from 'node:fs/promises'
import { type Algorithm, toAlgorithm } from './manifest.ts'

/** Longer than a manifest with the most files and the longest names, and a certificate after it. */
const tailBytes = 512 * 1024
const lineStart = /^(SHA1|SHA256|SHA512) ?\(/gimu

/**
 * The checksums that a manifest at the end of the OVA file `path` uses; undefined if none is seen there. A hint of what is worth
 * computing and nothing more: the manifest counts when it has come, and a file that it cannot vouch for is refused.
 */
export async function peekAlgorithms(path: string): Promise<readonly Algorithm[] | undefined> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const { buffer, bytesRead } = await file.read(Buffer.alloc(tailBytes), 0, tailBytes, Math.max(0, size - tailBytes))
    const found = [...buffer.toString('latin1', 0, bytesRead).matchAll(lineStart)].flatMap(
      ([, name = '']) => toAlgorithm(name) ?? [],
    )
    return found.length === 0 ? undefined : [...new Set(found)]
  } finally {
    await file.close()
  }
}

/** One import in a process of its own: `node import-once.ts vmdk|ova|stream SOURCE TARGET`. Prints the milliseconds of the import itself. */
import { createReadStream } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { open } from 'node:fs/promises'
import { fileTarget, importVmdkStream, openOva, peekAlgorithms } from '../../packages/images/src/index.ts'

enableCompileCache()
const [kind = '', source = '', target = ''] = process.argv.slice(2)
const bytes = createReadStream(source, { highWaterMark: 256 * 1024 }) as AsyncIterable<Uint8Array>

async function importStream(stream: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(target, 'w')
  await importVmdkStream(stream, fileTarget(file), { limits: { maxCapacityBytes: 2 ** 40 } })
  await file.close()
}

const begun = performance.now()
if (kind === 'vmdk') await importStream(bytes)
else
  for await (const event of openOva(bytes, source, kind === 'ova' ? await peekAlgorithms(source) : undefined))
    if (event.kind === 'File') await importStream(event.bytes)
console.log(performance.now() - begun)

/** One import in a process of its own: `node import-once.ts vmdk|ova|stream SOURCE TARGET`. Prints the milliseconds of the import itself. */
import { createReadStream } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { open } from 'node:fs/promises'
import {
  type FileRegion,
  fileTarget,
  importVmdkStream,
  openOva,
  openOvaFile,
  readRegion,
} from '../../packages/images/src/index.ts'

enableCompileCache()
const [kind = '', source = '', target = ''] = process.argv.slice(2)

async function importStream(stream: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(target, 'w')
  await importVmdkStream(stream, fileTarget(file), { limits: { maxCapacityBytes: 2 ** 40 } })
  await file.close()
}

async function wholeFile(): Promise<FileRegion> {
  const file = await open(source, 'r')
  return { file, offset: 0, lengthBytes: (await file.stat()).size }
}

const stream = (): AsyncIterable<Uint8Array> =>
  createReadStream(source, { highWaterMark: 256 * 1024 }) as AsyncIterable<Uint8Array>

const begun = performance.now()
if (kind === 'vmdk') await importStream(readRegion(await wholeFile(), source))
else
  for await (const event of kind === 'ova' ? openOvaFile(source) : openOva(stream(), source))
    if (event.kind === 'File') await importStream(event.bytes)
console.log(performance.now() - begun)

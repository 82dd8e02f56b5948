import { expect, it } from 'vitest'
import { openOva } from './open-ova.ts'
import { writeOva } from './write-ova.ts'

it('writes what openOva reads and finds verified', async () => {
  const content = Buffer.alloc(3_000_000, 'weir')
  const parts: Uint8Array[] = []
  const bytes = (async function* chunks() {
    for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536)
  })()
  await writeOva(
    { name: 'a.ovf', text: '<Envelope/>' },
    [{ name: 'a-disk1.vmdk', sizeBytes: content.length, bytes }],
    async (part) => {
      parts.push(part)
      await Promise.resolve()
    },
  )
  const source = (async function* again() {
    yield* parts
  })()
  const seen: string[] = []
  for await (const event of openOva(source, 'a.ova')) {
    if (event.kind === 'Descriptor') seen.push(event.text)
    if (event.kind === 'File') {
      const got: Uint8Array[] = []
      for await (const part of event.bytes) got.push(part)
      seen.push(`${event.name} ${Buffer.concat(got).equals(content)}`)
    }
    if (event.kind === 'End') seen.push(`verified ${event.verified}`)
  }
  expect(seen).toEqual(['<Envelope/>', 'a-disk1.vmdk true', 'verified true'])
})

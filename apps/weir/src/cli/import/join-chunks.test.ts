import { expect, it } from 'vitest'
import { joinChunks } from './join-chunks.ts'
import type { SourceEvent } from './read-source.ts'

const machine = (chunks: { readonly count: number; readonly totalBytes: number }): SourceEvent => ({
  kind: 'Machine',
  machine: {
    name: 'web',
    guestId: '',
    firmware: 'bios',
    secureBoot: false,
    uuid: undefined,
    cpuCount: 1,
    coresPerSocket: 1,
    memoryBytes: 1,
    vtpm: false,
    hotAdd: false,
    passthroughCount: 0,
    usb: false,
    dropped: [],
    disks: [
      { id: '1', capacityBytes: 512, fileName: 'a.vmdk', chunks },
      { id: '2', capacityBytes: 512, fileName: 'b.vmdk' },
    ],
    nics: [],
  },
})
const file = (name: string, text: string): SourceEvent => ({
  kind: 'File',
  name,
  sizeBytes: text.length,
  bytes: (async function* once() {
    yield Buffer.from(text)
  })(),
})
const chunk = (index: number, text: string): SourceEvent => file(`a.vmdk.00000000${index}`, text)

async function read(events: readonly SourceEvent[], isTaken = true): Promise<readonly string[]> {
  const seen: string[] = []
  const source = (async function* each() {
    yield* events
  })()
  for await (const event of joinChunks(source)) {
    if (event.kind !== 'File') continue
    const bytes = isTaken ? Buffer.concat(await Array.fromAsync(event.bytes)).toString() : ''
    seen.push(`${event.name} ${event.sizeBytes} ${bytes}`)
  }
  return seen
}

const two = machine({ count: 2, totalBytes: 5 })

it('joins the chunks of a disk to one file and leaves others alone', async () => {
  const events = [two, file('readme.txt', 'hi'), chunk(0, 'abc'), chunk(1, 'de'), file('b.vmdk', 'whole')]
  expect(await read(events)).toEqual(['readme.txt 2 hi', 'a.vmdk 5 abcde', 'b.vmdk 5 whole'])
})

it('passes over a file that nobody reads', async () => {
  expect(await read([two, chunk(0, 'abc'), chunk(1, 'de'), file('b.vmdk', 'x')], false)).toEqual(['a.vmdk 5 ', 'b.vmdk 1 '])
})

it.each<[string, readonly SourceEvent[]]>([
  ['a missing chunk', [two, chunk(0, 'abc')]],
  ['chunks out of order', [two, chunk(1, 'de'), chunk(0, 'abc')]],
  ['another file between', [two, chunk(0, 'abc'), file('b.vmdk', 'x'), chunk(1, 'de')]],
  ['too few bytes', [two, chunk(0, 'abc'), chunk(1, 'd')]],
  ['too many bytes', [two, chunk(0, 'abc'), chunk(1, 'def')]],
])('refuses %s', async (_, events) => {
  await expect(read(events)).rejects.toMatchObject({ code: 'IMAGE_FORMAT' })
})

import { WeirError } from '@weir/base'
import type { SourceDisk } from '@weir/estate'
import type { SourceEvent } from './read-source.ts'

type FileEvent = Extract<SourceEvent, { kind: 'File' }>

/** A disk whose file was cut by the exporter. */
interface ChunkedDisk {
  readonly fileName: string
  readonly chunks: NonNullable<SourceDisk['chunks']>
}

/** The files of a disk in their order; those of a chunked one are `NAME.000000000` and so on (DSP0243, `ovf:chunkSize`). */
export function filesOf({ fileName, chunks }: SourceDisk): readonly string[] {
  if (fileName === undefined) return []
  if (chunks === undefined) return [fileName]
  return Array.from({ length: chunks.count }, (_, index) => chunkName(fileName, index))
}

const chunkName = (fileName: string, index: number): string => `${fileName}.${String(index).padStart(9, '0')}`

/** `events` with the chunks of a disk joined to the one file that they are of, as they pass. */
export async function* joinChunks(events: AsyncGenerator<SourceEvent>): AsyncGenerator<SourceEvent> {
  let chunked: readonly ChunkedDisk[] = []
  for await (const event of events) {
    if (event.kind === 'Machine')
      chunked = event.machine.disks.flatMap(({ fileName, chunks }) =>
        fileName === undefined || chunks === undefined ? [] : [{ fileName, chunks }],
      )
    const disk = event.kind === 'File' ? chunked.find((each) => isChunkOf(event.name, each)) : undefined
    if (event.kind !== 'File' || disk === undefined) yield event
    else {
      const bytes = join(event, events, disk)
      yield { kind: 'File', name: disk.fileName, sizeBytes: disk.chunks.totalBytes, bytes }
      for await (const _ of bytes) continue
    }
  }
}

const isChunkOf = (name: string, { fileName }: ChunkedDisk): boolean =>
  name.startsWith(`${fileName}.`) && /^\d{9}$/u.test(name.slice(fileName.length + 1))

async function* join(
  first: FileEvent,
  rest: AsyncGenerator<SourceEvent>,
  { fileName, chunks }: ChunkedDisk,
): AsyncGenerator<Uint8Array> {
  let sentBytes = 0
  for (let index = 0; index < chunks.count; index += 1) {
    const wanted = chunkName(fileName, index)
    const event: SourceEvent | undefined = index === 0 ? first : ((await rest.next()).value as SourceEvent | undefined)
    if (event?.kind !== 'File' || event.name !== wanted)
      throw new WeirError(
        'IMAGE_FORMAT',
        `'${wanted}' is missing or out of order among the chunks of '${fileName}'; export the appliance again`,
      )
    for await (const part of event.bytes) {
      sentBytes += part.length
      if (sentBytes <= chunks.totalBytes) yield part
    }
  }
  if (sentBytes !== chunks.totalBytes)
    throw new WeirError(
      'IMAGE_FORMAT',
      `the chunks of '${fileName}' hold ${sentBytes} bytes, its descriptor says ${chunks.totalBytes}; export the appliance again`,
    )
}

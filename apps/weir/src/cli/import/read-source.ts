import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { WeirError } from '@weir/base'
import { parseOvf, type SourceMachine } from '@weir/estate'
import { type ApplianceEvent, localFolder, openOva, openOvaFile, openOvf, openUrl, webFolder } from '@weir/images'
import { filesOf, joinChunks } from './join-chunks.ts'
import { openLocalDisk } from './local-disk.ts'
import { openWebDisk } from './web-disk.ts'

/** What is imported, as one stream of events, whatever the format; `close` removes what reading it left behind. */
export interface Source {
  readonly events: AsyncIterable<SourceEvent>
  close(): Promise<void>
}

export type SourceEvent =
  | { readonly kind: 'Machine'; readonly machine: SourceMachine }
  | Exclude<ApplianceEvent, { kind: 'Descriptor' }>

/**
 * Opens a file or an http(s) address. The format is told by the name for appliances, and by the content for bare disks.
 * @throws IMAGE_FORMAT, IMAGE_SOURCE
 */
export function openSource(location: string, signal: AbortSignal): Promise<Source> {
  return /^https?:\/\//iu.test(location) ? openWeb(location, signal) : openLocal(location)
}

async function openLocal(path: string): Promise<Source> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile() !== true) throw new WeirError('IMAGE_FORMAT', `'${path}' is no file`)
  switch (formatOf(path)) {
    case 'Ova':
      return toSource(openOvaFile(path))
    case 'Ovf':
      return toSource(openOvf(localFolder(dirname(path)), basename(path), disksIn(path)))
    case 'Disk':
      return openLocalDisk(path)
  }
}

/** A file whose own name says nothing has that of where its address leads to. */
async function openWeb(address: string, signal: AbortSignal): Promise<Source> {
  const file = await openUrl(address, { signal })
  const named = [new URL(address).pathname, file.url.pathname].find((path) => formatOf(path) !== 'Disk')
  const path = named ?? file.url.pathname
  const name = decodeURIComponent(basename(path))
  switch (formatOf(path)) {
    case 'Ova':
      return toSource(openOva(file.bytes, name), file.close)
    case 'Ovf':
      file.close()
      return toSource(openOvf(webFolder(file.url, { signal }), name, disksIn(name)))
    case 'Disk':
      return openWebDisk(file, name)
  }
}

function formatOf(path: string): 'Ova' | 'Ovf' | 'Disk' {
  if (/\.ova$/iu.test(path)) return 'Ova'
  return /\.ovf$/iu.test(path) ? 'Ovf' : 'Disk'
}

const disksIn =
  (path: string) =>
  (text: string): readonly string[] =>
    parseOvf(text, path).disks.flatMap(filesOf)

const toSource = (events: AsyncIterable<ApplianceEvent>, close: () => void = () => {}): Source => ({
  events: joinChunks(toMachines(events)),
  close: async () => close(),
})

async function* toMachines(events: AsyncIterable<ApplianceEvent>): AsyncGenerator<SourceEvent> {
  for await (const event of events) {
    if (event.kind === 'Descriptor') yield { kind: 'Machine', machine: parseOvf(event.text, event.name) }
    else yield event
  }
}

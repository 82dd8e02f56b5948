import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { WeirError } from '@weir/base'
import { parseOvf, type SourceMachine } from '@weir/estate'
import { type ApplianceEvent, boundToUs, openOva, openOvf, peekAlgorithms } from '@weir/images'
import { filesOf, joinChunks } from './join-chunks.ts'

/** What is imported, as one stream of events, whatever the format; `close` removes what reading it left behind. */
export interface Source {
  readonly events: AsyncIterable<SourceEvent>
  close(): Promise<void>
}

export type SourceEvent =
  | { readonly kind: 'Machine'; readonly machine: SourceMachine }
  | Exclude<ApplianceEvent, { kind: 'Descriptor' }>

const chunkBytes = 256 * 1024
const headBytes = 4096
const sectorBytes = 512

/** Opens a file or an http(s) address. The format is told by the name for appliances, and by the content for bare disks. @throws IMAGE_FORMAT */
export async function openSource(location: string, signal: AbortSignal): Promise<Source> {
  const isUrl = /^https?:\/\//iu.test(location)
  const path = isUrl ? new URL(location).pathname : location
  const nothing = async (): Promise<void> => {}
  if (/\.ova$/iu.test(path)) {
    const likely = isUrl ? undefined : await peekAlgorithms(await existing(location))
    const bytes = isUrl ? await fetchBytes(location, signal) : readFile(location)
    return { events: toEvents(openOva(bytes, basename(path), likely)), close: nothing }
  }
  if (isUrl) throw new WeirError('IMAGE_FORMAT', `'${location}': only .ova files are imported from an address; download it first`)
  if (/\.ovf$/iu.test(path)) {
    const files = (text: string): readonly string[] => parseOvf(text, path).disks.flatMap(filesOf)
    return { events: toEvents(openOvf(await existing(location), files)), close: nothing }
  }
  return openDisk(await existing(location))
}

const readFile = (path: string): AsyncIterable<Uint8Array> =>
  createReadStream(path, { highWaterMark: chunkBytes }) as AsyncIterable<Uint8Array>

async function existing(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile() !== true) throw new WeirError('IMAGE_FORMAT', `'${path}' is no file`)
  return path
}

async function fetchBytes(url: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const response = await fetch(url, { signal }).catch((cause: unknown) => {
    throw new WeirError('IMAGE_FORMAT', `'${url}' cannot be reached`, { cause })
  })
  if (response.status !== 200 || response.body === null)
    throw new WeirError('IMAGE_FORMAT', `'${url}' answered ${response.status}`)
  return inOurErrors(response.body, url, signal)
}

/** `bytes`, whose end before its time is the source's fault and told so. */
async function* inOurErrors(bytes: AsyncIterable<Uint8Array>, url: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let readBytes = 0
  try {
    for await (const part of bytes) {
      yield part
      readBytes += part.length
    }
  } catch (cause) {
    signal.throwIfAborted()
    throw new WeirError('IMAGE_TRUNCATED', `'${url}' broke off after ${readBytes} bytes; try again`, { cause })
  }
}

const toEvents = (events: AsyncIterable<ApplianceEvent>): AsyncGenerator<SourceEvent> => joinChunks(toMachines(events))

async function* toMachines(events: AsyncIterable<ApplianceEvent>): AsyncGenerator<SourceEvent> {
  for await (const event of events) {
    if (event.kind === 'Descriptor') yield { kind: 'Machine', machine: parseOvf(event.text, event.name) }
    else yield event
  }
}

/** A bare disk is a machine with that disk, 1 CPU and 1 GiB. */
const machineAround = (name: string, fileName: string, capacityBytes: number): SourceMachine => ({
  name,
  guestId: 'otherLinux64Guest',
  firmware: 'bios',
  secureBoot: false,
  uuid: undefined,
  cpuCount: 1,
  coresPerSocket: 1,
  memoryBytes: 2 ** 30,
  vtpm: false,
  hotAdd: false,
  passthroughCount: 0,
  usb: false,
  dropped: [],
  disks: [{ id: '0', capacityBytes, fileName }],
  nics: [{ network: 'pod', mac: undefined, model: 'VmxNet3', connected: true }],
})

async function openDisk(path: string): Promise<Source> {
  const file = basename(path)
  const name = file.replace(/\.(?:vmdk|qcow2|raw|img)$/iu, '')
  const head = await readHead(path)
  const isDescriptor = head.toString('latin1', 0, 21) === '# Disk DescriptorFile'
  const scratch = isDescriptor ? await flatten(path, head) : undefined
  // Other names of an open file: a nameless one has no more.
  const image = scratch === undefined ? path : `/proc/self/fd/${scratch.fd}`
  const capacityBytes = await capacityOf(image).catch(async (error: unknown) => {
    await scratch?.close()
    throw error
  })
  const { size } = await stat(image)
  return {
    events: (async function* one(): AsyncGenerator<SourceEvent> {
      yield { kind: 'Machine', machine: machineAround(name, file, capacityBytes) }
      yield {
        kind: 'File',
        name: file,
        sizeBytes: size,
        bytes: readFile(image),
      }
      yield { kind: 'End', verified: false, signed: false }
    })(),
    close: async () => scratch?.close(),
  }
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** The size of the disk that an image stands for, in bytes: from its header, or its length if it is raw. */
async function capacityOf(path: string): Promise<number> {
  const head = await readHead(path)
  const magic = head.toString('latin1', 0, 4)
  const { size } = await stat(path)
  const isRaw = magic !== 'QFI\u00fb' && magic !== 'KDMV'
  if (isRaw && size % sectorBytes !== 0)
    throw new WeirError(
      'IMAGE_FORMAT',
      `'${basename(path)}' is no disk image: it has no header of one, and its ${size} bytes are no whole number of sectors`,
    )
  const capacity = isRaw
    ? size
    : magic === 'KDMV'
      ? Number(head.readBigUInt64LE(12)) * sectorBytes
      : Number(head.readBigUInt64BE(24))
  if (!Number.isSafeInteger(capacity) || capacity <= 0 || capacity > 2 ** 47) {
    throw new WeirError('IMAGE_LIMIT', `'${basename(path)}' says it holds ${capacity} bytes; 1 byte to 128 TiB are taken`)
  }
  return capacity
}

/** A VMDK whose content lies in other files (monolithicFlat, twoGbMaxExtent…) becomes one qcow2 file that has no name. */
async function flatten(path: string, head: Buffer): Promise<FileHandle> {
  const text = head.toString('latin1')
  for (const [, name = ''] of text.matchAll(/^(?:RW|RDONLY|NOACCESS) .*"([^"]*)"/gmu)) {
    if (!/^[^/\\:]{1,255}$/u.test(name) || name === '..')
      throw new WeirError(
        'IMAGE_NAME',
        `'${basename(path)}' names the extent '${name.slice(0, 128)}'; it must lie beside the descriptor`,
      )
  }
  if (/^parentFileNameHint=/mu.test(text))
    throw new WeirError(
      'IMAGE_FORMAT',
      `'${basename(path)}' is a snapshot's delta; consolidate the machine's disks, then export again`,
    )
  const file = await openNameless()
  await convertTo(file, path).catch(async (error: unknown) => {
    await file.close()
    throw error
  })
  return file
}

/** A file for this process alone: nothing of it is left when the process ends, however that is. */
async function openNameless(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-import-'))
  try {
    return await open(join(folder, 'disk'), 'wx+', 0o600)
  } finally {
    await rm(folder, { recursive: true })
  }
}

function convertTo(file: FileHandle, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let words = ''
    const [command, ...rest] = boundToUs(['qemu-img', 'convert', '-f', 'vmdk', '-O', 'qcow2', path, '/proc/self/fd/3'])
    const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe', file.fd] })
    child.stderr?.on('data', (part: Buffer) => (words = (words + part.toString()).slice(0, 300)))
    const failed = (code: 'IMAGE_TOOL' | 'IMAGE_FORMAT', why: string): void => reject(new WeirError(code, why))
    child.on('error', (error) => failed('IMAGE_TOOL', `qemu-img could not be started: ${error.message}`))
    child.on('close', (code) => {
      if (code === 0) resolve()
      else if (code === 127) failed('IMAGE_TOOL', 'qemu-img could not be started; install qemu-utils')
      else failed('IMAGE_FORMAT', `qemu-img cannot read '${basename(path)}': ${words.trim()}`)
    })
  })
}

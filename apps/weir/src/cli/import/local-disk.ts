import { spawn } from 'node:child_process'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { WeirError } from '@weir/base'
import { boundToUs, readRegion } from '@weir/images'
import { capacityOf, headBytes, kindOf, oneDisk } from './bare-disk.ts'
import type { Source } from './read-source.ts'

/** A bare disk of this machine. @throws IMAGE_FORMAT, IMAGE_NAME, IMAGE_LIMIT, IMAGE_TRUNCATED, IMAGE_TOOL */
export async function openLocalDisk(path: string): Promise<Source> {
  const name = basename(path)
  const file = await openImage(path)
  try {
    const { size: lengthBytes } = await file.stat()
    const capacityBytes = capacityOf(await readHead(file), { name, lengthBytes })
    const region = { file, offset: 0, lengthBytes }
    return {
      events: oneDisk(capacityBytes, {
        kind: 'File',
        name,
        sizeBytes: lengthBytes,
        bytes: readRegion(region, name),
        place: { ...region, verify: async () => {} },
      }),
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** The file of a disk, or a nameless one made of several. */
async function openImage(path: string): Promise<FileHandle> {
  const file = await open(path, 'r')
  const head = await readHead(file)
  if (kindOf(head) !== 'Outline') return file
  await file.close()
  return flatten(path, head)
}

async function readHead(file: FileHandle): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
  return buffer.subarray(0, bytesRead)
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

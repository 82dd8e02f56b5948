import { open, realpath } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

import { WeirError } from '@weir/base'

import type { DiskLayer } from './argv.ts'
import type { MachineDisk } from './machine.ts'

const maxLayers = 32
const backingFormatExtension = 0xe2792aca

/**
 * The files of a disk, active layer first, read from qcow2 headers (QEMU docs/interop/qcow2.txt). A backing file without a
 * recorded format is refused as QEMU refuses it: guessing would let a guest choose. So is one outside of the disk's backing folder:
 * the header belongs to the guest's account, and what it names becomes readable for that.
 * @throws MACHINE_SPEC if a layer is missing, unreadable, elsewhere or more than 32 deep.
 */
export async function loadBackingChain(
  top: Pick<MachineDisk, 'path' | 'format' | 'backingFolder'>,
): Promise<readonly DiskLayer[]> {
  const layers: DiskLayer[] = []
  for (let layer: DiskLayer | undefined = top; layer !== undefined; layer = await loadBackingFile(layer)) {
    if (layer !== top && !(await liesIn(top.backingFolder, layer.path)))
      throw broken(top.path, `has '${layer.path}' for a backing file, which is no frozen image; restore the disk from a copy`)
    if (layers.length === maxLayers) throw new WeirError('MACHINE_SPEC', `Disk '${top.path}' has more than ${maxLayers} layers`)
    layers.push({ path: layer.path, format: layer.format })
  }
  return layers
}

async function liesIn(folder: string | undefined, path: string): Promise<boolean> {
  if (folder === undefined) return false
  const [within, file] = await Promise.all([realpath(folder), realpath(path).catch(() => '')])
  return file.startsWith(`${within}/`)
}

async function loadBackingFile({ path, format }: DiskLayer): Promise<DiskLayer | undefined> {
  const header = await loadHeader(path)
  if (format === 'raw') return undefined
  if (header.length < 72 || header.readUInt32BE(0) !== 0x514649fb) throw broken(path, 'is not a qcow2 image')
  const [offset, size] = [Number(header.readBigUInt64BE(8)), header.readUInt32BE(16)]
  if (offset === 0) return undefined
  if (size > 1023 || offset + size > header.length) throw broken(path, 'has a header that contradicts itself')
  const name = header.toString('utf8', offset, offset + size)
  const backingFormat = readBackingFormat(header)
  if (backingFormat === 'raw' || backingFormat === 'qcow2') {
    // As the kernel does: `..` after a link leads to where the link leads.
    return { path: resolve(await realpath(dirname(path)), name), format: backingFormat }
  }
  throw broken(path, `does not say whether its backing file '${name}' is raw or qcow2`)
}

function readBackingFormat(header: Buffer): string | undefined {
  let at = header.readUInt32BE(4) >= 3 ? header.readUInt32BE(100) : 72
  while (at + 8 <= header.length) {
    const [type, length] = [header.readUInt32BE(at), header.readUInt32BE(at + 4)]
    if (type === 0) return undefined
    if (type === backingFormatExtension) return header.toString('utf8', at + 8, at + 8 + length)
    at += 8 + Math.ceil(length / 8) * 8
  }
  return undefined
}

async function loadHeader(path: string): Promise<Buffer> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(65_536), 0, 65_536, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw new WeirError('MACHINE_SPEC', `Disk file '${path}' cannot be read: ${String(error)}`, { cause: error })
  }
}

const broken = (path: string, why: string): WeirError => new WeirError('MACHINE_SPEC', `Disk file '${path}' ${why}`)

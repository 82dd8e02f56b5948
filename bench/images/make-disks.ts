import { execFileSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { createReadStream, createWriteStream, readFileSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { applianceDescriptor } from '../../apps/weir/src/appliance/descriptor.ts'
import { writeOva } from '../../packages/images/src/index.ts'

const mebibyte = 1 << 20

/** A disk of one GiB, 640 MiB of it used, as raw image, as streamOptimized VMDK, and in an OVA whose manifest comes last. */
export interface BenchDisk {
  readonly name: string
  readonly raw: string
  readonly vmdk: string
  readonly ova: string
}

/** `mixed`: half noise, half text, so that inflating costs little. `programs`: machine code, which costs what it costs in practice. */
export async function makeDisks(directory: string): Promise<readonly BenchDisk[]> {
  const noise = Buffer.alloc(mebibyte)
  const text = Buffer.alloc(mebibyte, 'Servers in, a data center as a service out. ')
  const program = readFileSync(process.execPath)
  const piece = (at: number): Buffer => program.subarray((at * mebibyte) % (program.length - mebibyte)).subarray(0, mebibyte)
  return [
    await makeDisk(directory, 'mixed', (at) => (at % 2 === 0 ? text : randomFillSync(noise))),
    await makeDisk(directory, 'programs', piece),
  ]
}

async function makeDisk(directory: string, name: string, piece: (at: number) => Buffer): Promise<BenchDisk> {
  const file = (extension: string): string => join(directory, `${name}.${extension}`)
  const disk = { name, raw: file('raw'), vmdk: file('vmdk'), ova: file('ova') }
  const raw = await open(disk.raw, 'w')
  await raw.truncate(1024 * mebibyte)
  for (let at = 0; at < 640; at++) await raw.write(piece(at), 0, mebibyte, Math.floor(at * 1.6) * mebibyte)
  await raw.close()
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', disk.raw, disk.vmdk])
  await makeOva(disk)
  return disk
}

async function makeOva({ ova, vmdk }: BenchDisk): Promise<void> {
  const sizeBytes = statSync(vmdk).size
  const out = createWriteStream(ova)
  await writeOva(
    { name: 'appliance.ovf', text: applianceDescriptor({ vmdkBytes: sizeBytes, capacityBytes: 1024 * mebibyte }) },
    [
      {
        name: 'appliance-disk1.vmdk',
        sizeBytes,
        bytes: createReadStream(vmdk, { highWaterMark: mebibyte }) as AsyncIterable<Uint8Array>,
      },
    ],
    (part) => new Promise((resolve) => out.write(part, () => resolve())),
  )
  await new Promise((resolve) => out.end(resolve))
}

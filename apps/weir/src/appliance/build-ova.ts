import { createReadStream } from 'node:fs'
import { open, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writeOva, writeVmdkStream } from '@weir/images'
import { bootDiskBytes } from './boot-disk.ts'
import { ensureApplianceDisk } from './build-disk.ts'
import { applianceDescriptor } from './descriptor.ts'
import { runTool } from './run-tool.ts'
import { inScratchFolder } from './scratch-folder.ts'

/** Who is to have written the VMDK: `esxi` puts the directory behind the grains and a footer, `qemu` puts it in front. */
export type VmdkStyle = 'esxi' | 'qemu'

/** The path of the appliance as OVA in `directory`, built there from Debian packages unless it is there already. */
export async function ensureApplianceOva(directory: string, style: VmdkStyle, say: (line: string) => void): Promise<string> {
  const ova = join(directory, `appliance-1-${style}.ova`)
  if (
    await stat(ova).then(
      () => true,
      () => false,
    )
  )
    return ova
  const disk = await ensureApplianceDisk(directory, say)
  await inScratchFolder(directory, async (scratch) => {
    say(`packing it as OVA with a VMDK as ${style === 'esxi' ? 'ESXi' : 'qemu-img'} writes it`)
    const vmdk = join(scratch, 'disk.vmdk')
    if (style === 'qemu')
      await runTool('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', disk, vmdk])
    else await writeAll(vmdk, writeVmdkStream(createReadStream(disk) as AsyncIterable<Uint8Array>, bootDiskBytes))
    const unfinished = join(scratch, 'appliance.ova')
    await packOva(vmdk, unfinished)
    await rename(unfinished, ova)
  })
  return ova
}

async function packOva(vmdk: string, ova: string): Promise<void> {
  const { size } = await stat(vmdk)
  const file = await open(ova, 'wx')
  try {
    await writeOva(
      { name: 'appliance.ovf', text: applianceDescriptor({ vmdkBytes: size, capacityBytes: bootDiskBytes }) },
      [{ name: 'appliance-disk1.vmdk', sizeBytes: size, bytes: createReadStream(vmdk) as AsyncIterable<Uint8Array> }],
      async (part) => {
        await file.write(part)
      },
    )
  } finally {
    await file.close()
  }
}

async function writeAll(path: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx')
  for await (const part of parts) await file.write(part)
  await file.close()
}

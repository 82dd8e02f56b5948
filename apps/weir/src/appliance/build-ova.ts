import { createReadStream } from 'node:fs'
import { mkdtemp, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writeOva, writeVmdkStream } from '@weir/images'
import { bootDiskBytes } from './boot-disk.ts'
import { ensureApplianceDisk } from './build-disk.ts'
import { applianceDescriptor } from './descriptor.ts'
import { runTool } from './run-tool.ts'

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
  const scratch = await mkdtemp(join(directory, 'ova-'))
  try {
    say(`packing it as OVA with a VMDK as ${style === 'esxi' ? 'ESXi' : 'qemu-img'} writes it`)
    const vmdk = join(scratch, 'disk.vmdk')
    if (style === 'qemu')
      await runTool('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', disk, vmdk])
    else await writeAll(vmdk, writeVmdkStream(createReadStream(disk) as AsyncIterable<Uint8Array>, bootDiskBytes))
    const { size } = await stat(vmdk)
    const unfinished = join(scratch, 'appliance.ova')
    const file = await open(unfinished, 'wx')
    const bytes = createReadStream(vmdk) as AsyncIterable<Uint8Array>
    await writeOva(
      { name: 'appliance.ovf', text: applianceDescriptor({ vmdkBytes: size, capacityBytes: bootDiskBytes }) },
      [{ name: 'appliance-disk1.vmdk', sizeBytes: size, bytes }],
      async (part) => {
        await file.write(part)
      },
    )
    await file.close()
    await rename(unfinished, ova)
    return ova
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function writeAll(path: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx')
  for await (const part of parts) await file.write(part)
  await file.close()
}

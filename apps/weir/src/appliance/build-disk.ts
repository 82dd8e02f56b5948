import { rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeBootDisk } from './boot-disk.ts'
import { buildInitramfs } from './initramfs.ts'
import { fetchKernel } from './kernel.ts'
import { inScratchFolder } from './scratch-folder.ts'

/**
 * The path of the appliance's raw disk in `directory`, built there from Debian packages unless it is there already.
 * `say` hears what is going on. An interrupted build leaves nothing that a later one would take for finished.
 */
export async function ensureApplianceDisk(directory: string, say: (line: string) => void): Promise<string> {
  const disk = join(directory, 'appliance-1.raw')
  if (
    await stat(disk).then(
      () => true,
      () => false,
    )
  )
    return disk
  await inScratchFolder(directory, async (scratch) => {
    say("fetching Debian's cloud kernel")
    const kernel = await fetchKernel(scratch)
    say(`packing a root file system for Linux ${kernel.version}`)
    const initramfs = join(scratch, 'initrd')
    await writeFile(initramfs, await buildInitramfs(kernel))
    say('writing a disk that boots by BIOS and UEFI')
    const unfinished = join(scratch, 'disk.raw')
    await writeBootDisk(unfinished, { kernel: kernel.image, initramfs, scratch })
    await rename(unfinished, disk)
  })
  return disk
}

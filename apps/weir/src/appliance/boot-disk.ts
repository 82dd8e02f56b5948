import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WeirError } from '@weir/base'
import { runTool } from './run-tool.ts'

const sector = 512
const mebibyte = 2 ** 20

/** One partition of the demo disk, in sectors. `type` is the byte of the MBR table. */
interface Partition {
  readonly start: number
  readonly sectors: number
  readonly type: number
}
const bootPartition: Partition = { start: 2048, sectors: (60 * mebibyte) / sector, type: 0xef }
const dataPartition: Partition = {
  start: bootPartition.start + bootPartition.sectors,
  sectors: (64 * mebibyte) / sector,
  type: 0x83,
}

/** Bytes of the finished disk. */
export const bootDiskBytes = 128 * mebibyte

const commandLine = 'console=tty0 console=ttyS0,115200 panic=-1 quiet'
const grubScript = `search --no-floppy --file --set=root /weir/vmlinuz
linux /weir/vmlinuz ${commandLine}
initrd /weir/initrd
boot
`
const grubModules = ['part_msdos', 'fat', 'search', 'search_fs_file', 'linux', 'boot', 'minicmd']

/**
 * Writes a raw disk to `file` that starts `kernel` with `initramfs` by BIOS and by UEFI: GRUB in the MBR gap, one FAT
 * partition that is the EFI system partition too, one ext4 partition for data. Needs no root and no loop device.
 */
export async function writeBootDisk(
  file: string,
  parts: { readonly kernel: string; readonly initramfs: string; readonly scratch: string },
): Promise<void> {
  const grubConfig = join(parts.scratch, 'grub.cfg')
  await writeFile(grubConfig, grubScript)
  const disk = await open(file, 'wx', 0o644)
  try {
    await disk.truncate(bootDiskBytes)
    const core = await biosCore(parts.scratch, grubConfig)
    await disk.write(await masterBootRecord([bootPartition, dataPartition]), 0, sector, 0)
    await disk.write(core, 0, core.length, sector)
  } finally {
    await disk.close()
  }
  await fillBootPartition(file, { ...parts, efi: await efiImage(parts.scratch, grubConfig) })
  await runTool('/sbin/mke2fs', [
    '-q',
    '-F',
    '-t',
    'ext4',
    '-L',
    'data',
    '-m',
    '0',
    '-E',
    `offset=${dataPartition.start * sector},lazy_itable_init=0,nodiscard`,
    file,
    `${(dataPartition.sectors * sector) / 1024}k`,
  ])
}

/** GRUB's boot sector with our partitions: it loads the sector after it (`kernel_sector` at 0x5c, a jump turned off at 0x66). */
async function masterBootRecord(partitions: readonly Partition[]): Promise<Buffer> {
  const record = Buffer.alloc(sector)
  ;(await readFile('/usr/lib/grub/i386-pc/boot.img')).copy(record, 0, 0, 440)
  record.writeBigUInt64LE(1n, 0x5c)
  record.writeUInt16LE(0x9090, 0x66)
  record.writeUInt32LE(0x72696577, 440)
  partitions.forEach(({ start, sectors, type }, index) => {
    const entry = 446 + 16 * index
    record.writeUInt8(index === 0 ? 0x80 : 0, entry)
    record.fill(0xff, entry + 1, entry + 8)
    record.writeUInt8(type, entry + 4)
    record.writeUInt32LE(start, entry + 8)
    record.writeUInt32LE(sectors, entry + 12)
  })
  record.writeUInt16LE(0xaa55, 510)
  return record
}

/** GRUB's core for the gap before the first partition; its last 12 bytes of sector 0 say where the rest lies. */
async function biosCore(scratch: string, config: string): Promise<Buffer> {
  const file = join(scratch, 'core.img')
  await runTool('grub-mkimage', ['-O', 'i386-pc', '-o', file, '-p', '/weir', '-c', config, 'biosdisk', ...grubModules])
  const core = await readFile(file)
  const sectors = Math.ceil(core.length / sector)
  if (sectors >= bootPartition.start - 1)
    throw new WeirError('APPLIANCE_BUILD_FAILED', `GRUB's core takes ${sectors} sectors; 2046 fit`)
  const padded = Buffer.concat([core, Buffer.alloc(sectors * sector - core.length)])
  padded.writeBigUInt64LE(2n, sector - 12)
  padded.writeUInt16LE(sectors - 1, sector - 4)
  padded.writeUInt16LE(0x820, sector - 2)
  return padded
}

async function efiImage(scratch: string, config: string): Promise<string> {
  const file = join(scratch, 'bootx64.efi')
  await runTool('grub-mkimage', ['-O', 'x86_64-efi', '-o', file, '-p', '/weir', '-c', config, ...grubModules])
  return file
}

async function fillBootPartition(
  file: string,
  parts: { readonly kernel: string; readonly initramfs: string; readonly efi: string },
): Promise<void> {
  const kibibytes = (bootPartition.sectors * sector) / 1024
  await runTool('/sbin/mkfs.fat', [
    '-F',
    '16',
    '-n',
    'WEIR',
    '-i',
    '57454952',
    '--offset',
    String(bootPartition.start),
    file,
    String(kibibytes),
  ])
  const image = `${file}@@${bootPartition.start * sector}`
  await runTool('mmd', ['-i', image, '::/weir', '::/EFI', '::/EFI/BOOT'])
  await runTool('mcopy', ['-i', image, parts.kernel, '::/weir/vmlinuz'])
  await runTool('mcopy', ['-i', image, parts.initramfs, '::/weir/initrd'])
  await runTool('mcopy', ['-i', image, parts.efi, '::/EFI/BOOT/BOOTX64.EFI'])
}

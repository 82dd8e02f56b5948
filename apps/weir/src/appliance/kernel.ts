import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { WeirError } from '@weir/base'
import { runTool } from './run-tool.ts'

/** An unpacked Debian kernel: its image, and its modules in an order that satisfies their dependencies. */
export interface Kernel {
  readonly version: string
  readonly image: string
  readonly modules: readonly string[]
}

/** What a guest on QEMU needs from Debian's cloud kernel; ext4, NVMe and the serial port are built in. */
const wantedModules = [
  'virtio_pci',
  'virtio_blk',
  'virtio_net',
  'virtio_scsi',
  'virtio_console',
  'virtio_balloon',
  'virtio-rng',
  'sd_mod',
  'sr_mod',
  'isofs',
  'ata_piix',
  'vmxnet3',
  'button',
  'evdev',
]

/** Downloads Debian's newest cloud kernel as a package (nothing is installed) and unpacks it into `directory`. */
export async function fetchKernel(directory: string): Promise<Kernel> {
  const unpacked = join(directory, 'kernel')
  await mkdir(unpacked, { recursive: true })
  const depends = await runTool('apt-cache', ['depends', '--important', 'linux-image-cloud-amd64'])
  const name = /Depends: (linux-image-\S+-cloud-amd64)$/mu.exec(depends)?.[1]
  if (name === undefined) {
    throw new WeirError('APPLIANCE_BUILD_FAILED', 'apt knows no package linux-image-cloud-amd64; run: apt-get update')
  }
  await runTool('apt-get', ['-qq', 'download', name], { directory })
  const archive = (await readdir(directory)).find((file) => file.startsWith(`${name}_`) && file.endsWith('.deb'))
  if (archive === undefined) throw new WeirError('APPLIANCE_BUILD_FAILED', `apt-get downloaded no ${name}`)
  await runTool('dpkg-deb', ['-x', join(directory, archive), unpacked])
  const version = name.slice('linux-image-'.length)
  await runTool('/sbin/depmod', ['-b', unpacked, version])
  return { version, image: join(unpacked, 'boot', `vmlinuz-${version}`), modules: await orderedModules(unpacked, version) }
}

async function orderedModules(unpacked: string, version: string): Promise<readonly string[]> {
  const files = new Set<string>()
  for (const module of wantedModules) {
    const lines = await runTool('/sbin/modprobe', ['-d', unpacked, '-S', version, '--show-depends', module])
    for (const [, file = ''] of lines.matchAll(/^insmod (\S+)/gmu)) files.add(file)
  }
  return [...files]
}

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { WeirError } from '@weir/base'

/** A tool of the host that a command needs: a file that proves it is there, the Debian package that brings it, and what for. */
export interface HostTool {
  readonly file: string
  readonly package: string
  readonly purpose: string
}

/** What running virtual machines takes. */
export const engineTools: readonly HostTool[] = [
  { file: '/usr/bin/qemu-system-x86_64', package: 'qemu-system-x86', purpose: 'runs the virtual machines' },
  { file: '/usr/bin/qemu-img', package: 'qemu-utils', purpose: 'creates and converts disk images' },
  { file: '/usr/share/OVMF/OVMF_CODE_4M.fd', package: 'ovmf', purpose: 'UEFI firmware for virtual machines' },
]

/** What building the demo appliance takes. */
export const applianceTools: readonly HostTool[] = [
  { file: '/bin/busybox', package: 'busybox-static', purpose: "the demo appliance's commands" },
  { file: '/usr/bin/grub-mkimage', package: 'grub-common', purpose: "the demo appliance's boot loader" },
  { file: '/usr/lib/grub/i386-pc/boot.img', package: 'grub-pc-bin', purpose: 'boot loader for BIOS' },
  { file: '/usr/lib/grub/x86_64-efi/kernel.img', package: 'grub-efi-amd64-bin', purpose: 'boot loader for UEFI' },
  { file: '/usr/bin/mcopy', package: 'mtools', purpose: "fills the demo appliance's disk" },
  { file: '/usr/sbin/mkfs.fat', package: 'dosfstools', purpose: "formats the demo appliance's disk" },
  { file: '/sbin/depmod', package: 'kmod', purpose: 'orders kernel modules' },
  { file: '/usr/sbin/qemu-ga', package: 'qemu-guest-agent', purpose: 'the agent inside the demo appliance' },
]

/** The packages that are missing for `tools`, each once. */
export const missingPackages = (
  tools: readonly HostTool[],
  exists: (file: string) => boolean = existsSync,
): readonly HostTool[] => [...new Map(tools.filter(({ file }) => !exists(file)).map((tool) => [tool.package, tool])).values()]

/** The command that installs `packages`, as this user would have to type it. */
export const installCommand = (packages: readonly HostTool[], root: boolean): string =>
  `${root ? '' : 'sudo '}apt-get install -y --no-install-recommends ${packages.map((tool) => tool.package).join(' ')}`

/** What `ensureHostPackages` needs from outside. */
export interface HostPackagesOptions {
  /** False: never install, only say what is missing. */
  readonly install: boolean
  readonly say: (line: string) => void
  readonly root?: boolean
}

/**
 * Makes sure that `tools` are there: says what is missing and why, and installs it by apt as root or with sudo's leave.
 * @throws HOST_PACKAGES_MISSING with the command to run, if it may not or cannot install.
 */
export async function ensureHostPackages(tools: readonly HostTool[], options: HostPackagesOptions): Promise<void> {
  const missing = missingPackages(tools)
  if (missing.length === 0) return
  const root = options.root ?? process.getuid?.() === 0
  const command = installCommand(missing, root)
  options.say('This machine lacks:')
  for (const tool of missing) options.say(`  ${tool.package.padEnd(20)} ${tool.purpose}`)
  if (!options.install || !existsSync('/usr/bin/apt-get')) throw missingError(command)
  options.say(`Installing: ${command}`)
  const prefix = root ? [] : ['sudo', '-n']
  if (!(await apt(prefix, ['install', '-y', '--no-install-recommends', ...missing.map((tool) => tool.package)]))) {
    await apt(prefix, ['update'])
    if (!(await apt(prefix, ['install', '-y', '--no-install-recommends', ...missing.map((tool) => tool.package)]))) {
      throw missingError(command)
    }
  }
  const still = missingPackages(tools)
  if (still.length > 0) throw missingError(installCommand(still, root))
}

const missingError = (command: string): WeirError =>
  new WeirError('HOST_PACKAGES_MISSING', `Packages are missing on this machine. Run: ${command}`)

/** Runs apt-get without questions; true if it succeeded. Waits up to two minutes for another apt to finish. */
const apt = async (prefix: readonly string[], words: readonly string[]): Promise<boolean> =>
  new Promise((resolve) => {
    const [command = '', ...rest] = [
      ...prefix,
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      '-qq',
      '-o',
      'DPkg::Lock::Timeout=120',
      ...words,
    ]
    const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr.resume()
    child.on('error', () => resolve(false))
    child.on('exit', (code) => resolve(code === 0))
  })

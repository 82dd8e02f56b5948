import { spawn } from 'node:child_process'
import { chown, copyFile, mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { type Accelerator, type DiskLayer, type MachineFiles, qemuArguments, runFiles } from './argv.ts'
import { loadBackingChain } from './backing-chain.ts'
import { asAccount, type GuestAccount, grantDisk, guestAccount, pathFrom } from './guest-account.ts'
import type { MachineSpec } from './machine.ts'
import { type MachinePaths, removeMachineFiles, writeWhole } from './machine-files.ts'
import { recordScript } from './process-record.ts'
import { seedImage } from './seed-image.ts'

/** What a machine is started with on this host. */
export interface LaunchOptions {
  readonly qemu: string
  readonly accelerator: Accelerator
  /** Folder of Debian's OVMF images. */
  readonly firmwareDirectory: string
  /** The group that opens the KVM device, if it takes one. */
  readonly kvmGroupId?: number
}

/** A process just started: `ended` resolves with how it ended if that happens while we are its parent. */
export interface Launched {
  readonly ended: Promise<string>
}

/**
 * Prepares a machine's files and starts its process in a session of its own, as its own user when we are root. The caller
 * waits for QMP. The spec is on disk before the process is.
 */
export async function launchMachine(spec: MachineSpec, paths: MachinePaths, options: LaunchOptions): Promise<Launched> {
  const account = guestAccount(spec.id)
  await removeMachineFiles(paths)
  await mkdir(paths.home, { recursive: true, mode: 0o711 })
  await mkdir(paths.run, { mode: 0o700 })
  await writeWhole(paths.spec, JSON.stringify(spec))
  const files = await prepareFiles(spec, paths, { options, account })
  if (account !== undefined) await chown(paths.run, account.uid, account.gid)
  const { kvmGroupId } = options
  const identity = asAccount(account, options.accelerator === 'kvm' && kvmGroupId !== undefined ? [kvmGroupId] : [])
  return startProcess([options.qemu, ...qemuArguments(spec, files, options.accelerator)], paths, identity)
}

interface Preparation {
  readonly options: LaunchOptions
  readonly account: GuestAccount | undefined
}

async function prepareFiles(spec: MachineSpec, paths: MachinePaths, { options, account }: Preparation): Promise<MachineFiles> {
  const disks = new Map<string, readonly DiskLayer[]>()
  for (const disk of spec.disks) {
    const layers = await loadBackingChain(disk)
    if (account !== undefined) {
      await grantDisk(account, { layers, readOnly: disk.readOnly || disk.kind === 'cdrom' }, paths.run)
    }
    disks.set(
      disk.name,
      layers.map((layer) => ({ ...layer, path: pathFrom(paths.run, layer.path) })),
    )
  }
  const own = async (name: string, create: (path: string) => Promise<void>): Promise<string> => {
    const path = join(paths.run, name)
    await create(path)
    if (account !== undefined) await chown(path, account.uid, account.gid)
    return name
  }
  const { noCloud } = spec
  return {
    disks,
    ...(noCloud === undefined
      ? {}
      : { seed: await own(runFiles.seed, (path) => writeFile(path, seedImage(noCloud), { mode: 0o600 })) }),
    ...(spec.firmware === 'bios' ? {} : { firmware: await prepareFirmware(spec.firmware, options.firmwareDirectory, own) }),
  }
}

async function prepareFirmware(
  firmware: 'efi' | 'efi-secure-boot',
  directory: string,
  own: (name: string, create: (path: string) => Promise<void>) => Promise<string>,
): Promise<{ readonly code: string; readonly variables: string }> {
  const [code, template] =
    firmware === 'efi' ? ['OVMF_CODE_4M.fd', 'OVMF_VARS_4M.fd'] : ['OVMF_CODE_4M.secboot.fd', 'OVMF_VARS_4M.ms.fd']
  const variables = await own(runFiles.variables, (path) => copyFile(join(directory, template), path))
  return { code: join(directory, code), variables }
}

/**
 * The shell writes the process record as the very process that becomes QEMU: there is no moment at which a QEMU runs
 * unrecorded. `identity` makes it another user before that.
 */
async function startProcess(command: readonly string[], paths: MachinePaths, identity: readonly string[]): Promise<Launched> {
  const log = await open(paths.log, 'a', 0o600)
  const record = await open(paths.process, 'w', 0o600)
  try {
    const script = ['/bin/sh', '-c', `set -e; umask 077; ${recordScript}; exec "$@"`, 'sh', ...command]
    const [program = '', ...words] = [...identity, ...script]
    const child = spawn(program, words, {
      cwd: paths.run,
      detached: true,
      stdio: ['ignore', log.fd, log.fd, record.fd],
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/nonexistent', LANG: 'C' },
    })
    child.unref()
    const ended = Promise.withResolvers<string>()
    child.once('error', (error) => ended.resolve(error.message))
    child.once('exit', (code, signal) => ended.resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
    return { ended: ended.promise }
  } finally {
    await log.close()
    await record.close()
  }
}

import { spawn } from 'node:child_process'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'

import type { Clock } from '@weir/base'
import { boundToUs } from '@weir/images'

import { asAccount, guestAccount } from '../machine/guest-account.ts'
import { findKvmAccess, type KvmAccess } from './kvm-access.ts'
import { probeExitCode, probeRom } from './probe-rom.ts'

/** Whether this machine's KVM may run guests; `reason` is a sentence for people. */
export interface KvmVerdict {
  readonly usable: boolean
  readonly reason: string
  /** The group that a guest's process must be in to open the device, if it is usable so. */
  readonly groupId?: number
}

/** How to probe. `forced` is the value of `WEIR_ACCEL`: `tcg` and `kvm` are taken at their word without a probe. */
export interface KvmProbe {
  /** Where the verdict is kept for this boot and this QEMU. */
  readonly cacheFile: string
  readonly clock: Clock
  /** For each of the two runs of the probe; 2000 unless given. */
  readonly timeoutMillis?: number
  readonly qemu?: string
  /** `/dev/kvm` unless given. */
  readonly device?: string
  readonly forced?: string | undefined
}

/**
 * The verdict on KVM, never thrown and never later than two time limits: usable only if a small guest runs to its end under
 * it, as the user and with the CPU model that guests get, and no slower than in emulation. An existing /dev/kvm proves
 * nothing: nested ones abort or hang.
 */
export async function probeKvm(probe: KvmProbe): Promise<KvmVerdict> {
  if (probe.forced === 'tcg') return { usable: false, reason: 'WEIR_ACCEL=tcg asks for software emulation.' }
  const found = await findKvmAccess(probe.device ?? '/dev/kvm')
  const group = found.kind === 'Group' ? { groupId: found.groupId } : {}
  if (probe.forced === 'kvm') return { usable: true, reason: 'WEIR_ACCEL=kvm asks for KVM without a probe.', ...group }
  if (found.kind === 'None') return { usable: false, reason: found.reason }
  const key = `${await cacheKey(probe.qemu ?? 'qemu-system-x86_64')} ${JSON.stringify([found, process.geteuid?.()])}`
  const verdict = (await loadVerdict(probe.cacheFile, key)) ?? (await freshVerdict(probe, found, key))
  return verdict.usable ? { ...verdict, ...group } : verdict
}

async function freshVerdict(probe: KvmProbe, found: KvmAccess, key: string): Promise<KvmVerdict> {
  const verdict = await runProbe(probe, found)
  await writeWhole(probe.cacheFile, JSON.stringify({ key, ...verdict }), 0o600).catch(() => {
    // A verdict that cannot be kept is only asked for again.
  })
  return verdict
}

/** This boot of this kernel, and this file of QEMU (its size and time change with its version). */
async function cacheKey(qemu: string): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'no boot id')
  const candidates = qemu.includes('/') ? [qemu] : (process.env['PATH'] ?? '').split(delimiter).map((path) => join(path, qemu))
  for (const path of candidates) {
    const found = await stat(path).catch(() => undefined)
    if (found !== undefined) return `${boot.trim()} ${path} ${found.size} ${found.mtimeMs}`
  }
  return `${boot.trim()} no ${qemu}`
}

async function loadVerdict(path: string, key: string): Promise<KvmVerdict | undefined> {
  try {
    const saved = JSON.parse(await readFile(path, 'utf8')) as Partial<KvmVerdict> & { readonly key?: unknown }
    const { usable, reason } = saved
    return saved.key === key && typeof usable === 'boolean' && typeof reason === 'string' ? { usable, reason } : undefined
  } catch {
    return undefined
  }
}

async function writeWhole(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.new`, content, { mode })
  await rename(`${path}.new`, path)
}

async function runProbe(probe: KvmProbe, found: KvmAccess): Promise<KvmVerdict> {
  // A file that stays: one for each run would be left behind by a run that is killed. Guests' users read it.
  const rom = `${probe.cacheFile}.rom`
  const failure = await writeWhole(rom, probeRom(), 0o644).then(() => undefined, String)
  if (failure !== undefined) return { usable: false, reason: `The test guest could not be written: ${failure}.` }
  const identity = asAccount(guestAccount('kvm-probe'), found.kind === 'Group' ? [found.groupId] : [])
  const kvm = await runRom(probe, { rom, identity }, ['kvm', 'host'])
  if (kvm.code !== probeExitCode) return { usable: false, reason: `A test guest under KVM ${kvm.ending}.` }
  const tcg = await runRom(probe, { rom, identity }, ['tcg', 'qemu64'])
  return tcg.code === probeExitCode && tcg.millis < kvm.millis
    ? { usable: false, reason: `KVM took ${kvm.millis} ms for a test guest that emulation runs in ${tcg.millis} ms.` }
    : { usable: true, reason: `A test guest ran under KVM in ${kvm.millis} ms.` }
}

interface RomRun {
  readonly code: number | undefined
  readonly millis: number
  /** What happened, as the end of a sentence. */
  readonly ending: string
}

interface RomStart {
  readonly rom: string
  /** What makes the process the user that guests run as. */
  readonly identity: readonly string[]
}

function runRom(probe: KvmProbe, { rom, identity }: RomStart, [accelerator, cpu]: readonly [string, string]): Promise<RomRun> {
  const started = probe.clock.now()
  const limit = probe.timeoutMillis ?? 2000
  const machine = ['-machine', 'q35', '-m', '4', '-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none']
  const devices = ['-bios', rom, '-device', 'isa-debug-exit,iobase=0xf4,iosize=1']
  const qemu = probe.qemu ?? 'qemu-system-x86_64'
  // Another user first: the bond to us does not outlive a change of user.
  const [command = '', ...words] = [...identity, ...boundToUs([qemu, '-accel', accelerator, '-cpu', cpu, ...machine, ...devices])]
  // No pipe: a process that hangs in the kernel would keep it, and us, open.
  const child = spawn(command, words, { stdio: 'ignore', detached: true })
  child.unref()
  return new Promise((resolve) => {
    const finish = (code: number | undefined, ending: string): void => {
      clearTimeout(timer)
      resolve({ code, millis: probe.clock.now() - started, ending })
    }
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      // Not even SIGKILL ends a process that a broken KVM holds in the kernel: we do not wait for it.
      finish(undefined, `did not end within ${limit} ms`)
    }, limit)
    child.once('error', (error) => finish(undefined, `could not be started: ${error.message}`))
    child.once('exit', (code, signal) =>
      finish(code ?? undefined, code === 127 ? `could not be started: there is no ${qemu}` : endingOf(code, signal)),
    )
  })
}

const endingOf = (code: number | null, signal: string | null): string =>
  signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`

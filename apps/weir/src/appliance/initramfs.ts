import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Kernel } from './kernel.ts'
import { type NewcEntry, packNewc } from './newc.ts'
import { runTool } from './run-tool.ts'

const folderMode = 0o040755
const programMode = 0o100755
const linkMode = 0o120777

const folder = (path: string): NewcEntry => ({ path, mode: folderMode, data: new Uint8Array() })
const program = async (path: string, source: string | URL): Promise<NewcEntry> => ({
  path,
  mode: programMode,
  data: await readFile(source),
})
const link = (path: string, target: string): NewcEntry => ({ path, mode: linkMode, data: Buffer.from(target) })

/** The appliance's whole root file system, compressed: busybox, the guest agent with its libraries, modules and our init. */
export async function buildInitramfs(kernel: Kernel): Promise<Buffer> {
  const modules = await Promise.all(
    kernel.modules.map(async (file) => ({ ...(await program(`modules/${basename(file)}`, file)), mode: 0o100644 })),
  )
  const order = kernel.modules.map((file) => `/modules/${basename(file)}\n`).join('')
  const entries: readonly NewcEntry[] = [
    ...[
      'bin',
      'sbin',
      'usr',
      'usr/bin',
      'usr/sbin',
      'lib',
      'lib64',
      'modules',
      'proc',
      'sys',
      'dev',
      'root',
      'etc',
      'var',
      'var/run',
    ].map(folder),
    await program('init', new URL('guest-init.sh', import.meta.url)),
    await program('dhcp.sh', new URL('dhcp.sh', import.meta.url)),
    ...(await busybox()),
    ...(await withLibraries('usr/sbin/qemu-ga', '/usr/sbin/qemu-ga')),
    ...modules,
    { path: 'modules.order', mode: 0o100644, data: Buffer.from(order) },
  ]
  return promisify(gzip)(packNewc(entries), { level: 6 })
}

async function busybox(): Promise<readonly NewcEntry[]> {
  const applets = (await runTool('/bin/busybox', ['--list-full']))
    .split('\n')
    .filter((path) => path !== '' && path !== 'bin/busybox')
  const known = applets.filter((path) => /^(?:usr\/)?s?bin\/[^/]+$/u.test(path))
  return [await program('bin/busybox', '/bin/busybox'), ...known.map((path) => link(path, '/bin/busybox'))]
}

/** A dynamically linked program and the libraries that the loader names. */
async function withLibraries(path: string, source: string): Promise<readonly NewcEntry[]> {
  const lines = await runTool('ldd', [source])
  const libraries = [...lines.matchAll(/(?:=> )?(\/\S+) \(0x/gu)].map(([, file = '']) => file)
  const folders = new Set<string>()
  for (const file of libraries) {
    const parts = file.slice(1).split('/').slice(0, -1)
    for (let depth = 1; depth <= parts.length; depth++) folders.add(parts.slice(0, depth).join('/'))
  }
  const known = new Set(['lib', 'lib64', 'usr'])
  return [
    ...[...folders]
      .filter((name) => !known.has(name))
      .toSorted()
      .map(folder),
    ...(await Promise.all(libraries.map((file) => program(file.slice(1), file)))),
    await program(path, source),
  ]
}

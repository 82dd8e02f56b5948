/**
 * Completes package-lock.json with the platform packages that a registry without them made `npm install` leave out,
 * so that `npm ci` accepts the lock on every platform. Idempotent. Run after each change of a dependency:
 * `node scripts/complete-lock.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs'

interface LockPackage {
  readonly version?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
interface Lock {
  packages: Record<string, LockPackage | PlatformEntry>
}
interface PlatformEntry {
  readonly version: string
  readonly optional: true
  readonly dev?: true
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
}

const operatingSystems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const architectures = ['arm', 'arm64', 'ia32', 'x64', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32']

/** Reads the platform out of a package name such as `@oxlint/linux-arm64-musl`: unknown words are left out. */
function platformEntry(name: string, version: string): PlatformEntry {
  const words = name.replaceAll('/', '-').split('-')
  const os = words.filter((word) => operatingSystems.includes(word))
  const cpu = words.filter((word) => architectures.includes(word))
  const libc = words.includes('musl') || words.includes('musleabihf') ? ['musl'] : words.includes('gnu') ? ['glibc'] : []
  return {
    version,
    optional: true,
    ...(os.length > 0 ? { os } : {}),
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(libc.length > 0 ? { libc } : {}),
  }
}

const file = process.argv[2] ?? 'package-lock.json'
const lock = JSON.parse(readFileSync(file, 'utf8')) as Lock
let added = 0
for (const [path, entry] of Object.entries(lock.packages)) {
  if (!('optionalDependencies' in entry) || entry.optionalDependencies === undefined) continue
  for (const [name, version] of Object.entries(entry.optionalDependencies)) {
    const nested = `${path}/node_modules/${name}`
    const hoisted = `node_modules/${name}`
    if (lock.packages[nested] !== undefined || lock.packages[hoisted] !== undefined) continue
    lock.packages[hoisted] = platformEntry(name, version)
    added++
  }
}
const sorted = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
writeFileSync(file, `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`)
console.log(`${file}: ${added} platform entries added`)

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { type FileHandle, mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identityOf } from '@weir/images'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openHeldFile } from './held-file.ts'

let folder: string
let file: FileHandle
const children: ChildProcess[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-held-'))
  await writeFile(join(folder, 'disk'), 'the disk', { mode: 0o600 })
  file = await open(join(folder, 'disk'))
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await file.close()
  await rm(folder, { recursive: true })
})

/** A process that holds the file `name` open as number 3 with `flags`. */
async function holder(name: string, flags: number): Promise<number> {
  const script = `process.stdout.write(String(require('node:fs').openSync(process.argv[1], ${flags}))); setInterval(() => {}, 1e6)`
  const child = spawn(process.execPath, ['-e', script, join(folder, name)], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  if (child.stdout !== null) fdOf.set(child.pid ?? 0, Number(String((await once(child.stdout, 'data'))[0])))
  return child.pid ?? 0
}
const fdOf = new Map<number, number>()

/** What is read of what process `pid` is said to hold. */
async function readHeld(pid: number, identity = identityOf(file), fd = fdOf.get(pid) ?? 0): Promise<string | undefined> {
  const held = await openHeldFile({ pid, fd, identity: await identity })
  const text = await held?.readFile('utf8')
  await held?.close()
  return text
}

describe('a file that another process holds open', () => {
  it.each([constants.O_RDONLY, constants.O_RDWR])('is read (flags %d)', async (flags) => {
    expect(await readHeld(await holder('disk', flags))).toBe('the disk')
  })

  it('is read under the name that it had, and after it has none', async () => {
    const pid = await holder('disk', constants.O_RDONLY)
    await rename(join(folder, 'disk'), join(folder, 'other'))
    await writeFile(join(folder, 'disk'), 'another one')
    await rm(join(folder, 'other'))
    expect(await readHeld(pid)).toBe('the disk')
  })

  it.each([
    ['for writing only', constants.O_WRONLY],
    ['as a name without a right to read', 0o10_000_000],
  ])('is not read if it is open %s', async (_, flags) => {
    expect(await readHeld(await holder('disk', flags))).toBeUndefined()
  })

  it('is not read if it is another one than was said, or has changed', async () => {
    const pid = await holder('disk', constants.O_RDONLY)
    const before = await identityOf(file)
    for (const wrong of [{ ino: '1' }, { dev: '1' }, { size: '7' }, { mtimeNs: '0' }])
      expect(await readHeld(pid, Promise.resolve({ ...before, ...wrong }))).toBeUndefined()
    await writeFile(join(folder, 'disk'), 'changed.')
    expect(await readHeld(pid, Promise.resolve(before))).toBeUndefined()
  })

  it('is nothing without the process, the number, or a plain file', async () => {
    const pid = await holder('disk', constants.O_RDONLY)
    expect(await readHeld(pid, identityOf(file), 999)).toBeUndefined()
    expect(await readHeld(0x3f_ffff)).toBeUndefined()
    // Standard input is /dev/null, standard output a pipe, which to open would wait for its other end.
    for (const fd of [0, 1]) expect(await readHeld(pid, identityOf(file), fd)).toBeUndefined()
  })
})

/** Only root can become somebody else; a sandbox for tests is root. */
describe.runIf(process.getuid?.() === 0)('a process of another user', () => {
  it('reads nothing that root holds open', async () => {
    const pid = await holder('disk', constants.O_RDONLY)
    const identity = await identityOf(file)
    const script = `
      import(${JSON.stringify(new URL('held-file.ts', import.meta.url).href)}).then(async ({ openHeldFile }) =>
        process.stdout.write(String(await openHeldFile(${JSON.stringify({ pid, fd: fdOf.get(pid), identity })}))))`
    const run = (options: object): string => execFileSync(process.execPath, ['-e', script], { encoding: 'utf8', ...options })
    expect(run({})).toMatch(/object/u)
    expect(run({ uid: 65_534, gid: 65_534, env: { HOME: '/' } })).toBe('undefined')
  })
})

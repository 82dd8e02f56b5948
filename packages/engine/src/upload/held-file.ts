import { constants } from 'node:fs'
import { type FileHandle, open, readFile, stat } from 'node:fs/promises'
import type { HeldFile } from '@weir/api'
import { identityOf, isSameFile } from '@weir/images'

/**
 * Opens the very file that another process holds open for reading (proc(5), `/proc/PID/fd`), whatever its name is by now; undefined
 * if that cannot be done here or it is another file.
 *
 * Nothing is read for others that they cannot read themselves: the kernel lets us look at processes of our own user alone (of
 * all, if we are root, to whom root alone can talk); the file must be open for reading there, which a group that only we are in
 * does not bring about; and to open it again takes our own rights. The look at the flags comes last, and at the same inode of the
 * same mount: otherwise a name without a right to read (O_PATH) could stand there while we open it.
 */
export async function openHeldFile({ pid, fd, identity }: HeldFile): Promise<FileHandle | undefined> {
  const path = `/proc/${pid}/fd/${fd}`
  // To open something else than a file may wait or have effects.
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile() !== true) return undefined
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined)
  if (file === undefined) return undefined
  const isHeld =
    (await file.stat()).isFile() &&
    isSameFile(await identityOf(file), identity) &&
    (await isReadableThere(`/proc/${pid}/fdinfo/${fd}`, `/proc/self/fdinfo/${file.fd}`))
  if (isHeld) return file
  await file.close()
  return undefined
}

/** What `/proc/PID/fdinfo/FD` says (proc_pid_fdinfo(5)): `ino` since Linux 5.14. */
interface FdInfo {
  readonly flags: number
  readonly mount: string
  readonly inode: string
}

const pathOnly = 0o10_000_000

async function isReadableThere(theirs: string, ours: string): Promise<boolean> {
  const [there, here] = await Promise.all([readFdInfo(theirs), readFdInfo(ours)])
  if (there === undefined || here === undefined) return false
  const mode = there.flags & (constants.O_RDONLY | constants.O_WRONLY | constants.O_RDWR)
  const isReadable = mode !== constants.O_WRONLY && (there.flags & pathOnly) === 0
  return isReadable && there.mount === here.mount && there.inode === here.inode
}

async function readFdInfo(path: string): Promise<FdInfo | undefined> {
  const text = await readFile(path, 'latin1').catch(() => '')
  const field = (name: string): string | undefined => new RegExp(`^${name}:\\s*(\\d+)$`, 'mu').exec(text)?.[1]
  const [flags, mount, inode] = [field('flags'), field('mnt_id'), field('ino')]
  if (flags === undefined || mount === undefined || inode === undefined) return undefined
  return { flags: Number.parseInt(flags, 8), mount, inode }
}

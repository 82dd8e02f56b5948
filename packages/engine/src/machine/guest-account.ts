import { createHash } from 'node:crypto'
import { chmod, chown, stat } from 'node:fs/promises'
import { dirname, relative } from 'node:path'

import type { DiskLayer } from './argv.ts'

/** User and group that a machine's process runs as. */
export interface GuestAccount {
  readonly uid: number
  readonly gid: number
}

/** Numbers that no distribution, container runtime or systemd hands out (systemd, "Users, Groups, UIDs and GIDs"). */
const firstId = 0x7000_0000

/**
 * The account of machine `id`: a user of its own that owns nothing else, so that a guest that breaks out of QEMU reaches no
 * other guest; a group shared by all machines, which may read shared backing files. Undefined without root: then the process
 * runs as ourselves.
 */
export function guestAccount(id: string): GuestAccount | undefined {
  if (process.geteuid?.() !== 0) return undefined
  const number = createHash('sha256').update(id).digest().readUInt32BE(0) & 0x0fff_ffff
  return { uid: firstId + number, gid: firstId }
}

/**
 * What to put before a command so that it runs as `account` and as nothing else: no capability, no way to gain any, and of
 * groups only its own and `groups` (util-linux setpriv). The process stays the same: it only becomes another user. Empty
 * without an account.
 */
export const asAccount = (account: GuestAccount | undefined, groups: readonly number[]): readonly string[] =>
  account === undefined
    ? []
    : [
        'setpriv',
        `--reuid=${account.uid}`,
        `--regid=${account.gid}`,
        groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`,
        '--inh-caps=-all',
        '--bounding-set=-all',
        '--no-new-privs',
        '--',
      ]

/** The files of one disk, active layer first, and whether the machine may write it. */
export interface DiskGrant {
  readonly layers: readonly DiskLayer[]
  readonly readOnly: boolean
}

/**
 * Lets `account` use the disk from working directory `from`: a writable disk becomes its property; layers below it and
 * read-only disks become readable for the group; directories between the common ancestor and the file may be walked
 * through, not listed.
 */
export async function grantDisk(account: GuestAccount, disk: DiskGrant, from: string): Promise<void> {
  for (const [index, layer] of disk.layers.entries()) {
    const found = await stat(layer.path)
    if (index === 0 && !disk.readOnly) await chown(layer.path, account.uid, account.gid)
    else if ((found.mode & 0o004) === 0) {
      await chown(layer.path, found.uid, account.gid)
      await chmod(layer.path, (found.mode & 0o777) | 0o040)
    }
    for (const directory of directoriesBetween(from, layer.path)) await allowWalk(directory)
  }
}

/** Directories from the common ancestor of both (inclusive) down to `file` and up from `from`; `/` is never among them. */
function directoriesBetween(from: string, file: string): readonly string[] {
  const above = (path: string): readonly string[] => (path === '/' ? [] : [path, ...above(dirname(path))])
  const branches = [above(dirname(from)), above(dirname(file))]
  const [first, second] = branches
  const shared = (first ?? []).filter((path) => (second ?? []).includes(path))
  const ancestor = shared[0]
  if (ancestor === undefined) return []
  return [...new Set(branches.flat())].filter((path) => path === ancestor || !shared.includes(path))
}

async function allowWalk(directory: string): Promise<void> {
  const { mode } = await stat(directory)
  if ((mode & 0o001) === 0) await chmod(directory, (mode & 0o7777) | 0o001)
}

/** `file` as seen from `from`, if they have an ancestor but `/`: then directories above that ancestor need no permission. */
export function pathFrom(from: string, file: string): string {
  return directoriesBetween(from, file).length === 0 ? file : relative(from, file)
}

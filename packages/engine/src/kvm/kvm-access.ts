import { access, constants, readFile, stat } from 'node:fs/promises'

/** How the unprivileged process of a guest gets to open the KVM device. */
export type KvmAccess =
  /** As it is: everybody may, or guests run as ourselves, who may. */
  | { readonly kind: 'Open' }
  /** As a member of this group besides its own. */
  | { readonly kind: 'Group'; readonly groupId: number }
  /** Not at all; `reason` is a sentence for people. */
  | { readonly kind: 'None'; readonly reason: string }

/** What decides about access: who owns the device and what its mode allows. */
export interface DeviceOwner {
  readonly mode: number
  readonly gid: number
  /** The name of the group, undefined if the system knows none. */
  readonly groupName: string | undefined
}

/** Reading and writing, for everybody and for the group. */
const forAll = 0o006
const forGroup = 0o060

/**
 * Access of a user who owns nothing, to a device of this owner. A group is lent only if it is there for KVM alone: the group
 * `kvm` (systemd's udev rules), or a number that has no name here (a device passed into a container). Any other may open more
 * than KVM to a guest that breaks out. Pure.
 */
export function accessOf(device: string, { mode, gid, groupName }: DeviceOwner): KvmAccess {
  if ((mode & forAll) === forAll) return { kind: 'Open' }
  if ((mode & forGroup) !== forGroup)
    return { kind: 'None', reason: `${device} opens for its owner alone; let the group 'kvm' read and write it.` }
  if (gid !== 0 && (groupName === 'kvm' || groupName === undefined)) return { kind: 'Group', groupId: gid }
  return {
    kind: 'None',
    reason: `${device} belongs to the group '${groupName ?? gid}', which may open more than KVM; give it to the group 'kvm'.`,
  }
}

/** The access that guests have to `device`; never thrown. */
export async function findKvmAccess(device: string): Promise<KvmAccess> {
  const missing: KvmAccess = { kind: 'None', reason: `${device} is missing or may not be opened.` }
  try {
    await access(device, constants.R_OK | constants.W_OK)
    if (process.geteuid?.() !== 0) return { kind: 'Open' }
    const { mode, gid } = await stat(device)
    return accessOf(device, { mode, gid, groupName: groupNames(await readFile('/etc/group', 'utf8').catch(() => '')).get(gid) })
  } catch {
    return missing
  }
}

/** Names of groups by number (group(5)). */
function groupNames(text: string): ReadonlyMap<number, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [name = '', , number = ''] = line.split(':')
      return /^\d+$/u.test(number) ? [[Number(number), name] as const] : []
    }),
  )
}

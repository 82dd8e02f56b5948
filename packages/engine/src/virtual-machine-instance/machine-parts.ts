import { createHash } from 'node:crypto'
import { persistentVolumeClaim, secret, type VirtualMachineInstance } from '@weir/api'
import { isWeirError } from '@weir/base'
import type { ObjectKey } from '@weir/client'
import type { ManagerContext } from '@weir/runtime'
import type { MachineSpec } from '../machine/machine.ts'
import type { Volume, Volumes } from '../volume/volumes.ts'
import { claimNameOf, lifelongUid, toInstanceSpec } from './instance-spec.ts'
import { emptyDisksOf, toMachineSpec } from './machine-spec.ts'
import { forwardsOf } from './ports.ts'

/** Where the parts of machines come from. */
export interface PartsDeps {
  readonly context: ManagerContext
  readonly volumes: Volumes
}

/** The ids of the volumes behind the claims of an instance, of those claims that are there. */
export const claimIdsOf = ({ cacheOf }: ManagerContext, { metadata, spec }: VirtualMachineInstance): readonly string[] =>
  (spec.volumes ?? []).flatMap((volume) => {
    const name = claimNameOf(volume)
    if (name === undefined) return []
    return cacheOf(persistentVolumeClaim).get({ namespace: metadata.namespace ?? '', name })?.metadata.uid ?? []
  })

/**
 * Everything that the machine of an instance is made of, its empty disks made on the way.
 * @throws MACHINE_SPEC_INVALID, MACHINE_DATA_MISSING, and as `Client` if a Secret cannot be read.
 */
export async function gatherParts({ context, volumes }: PartsDeps, instance: VirtualMachineInstance): Promise<MachineSpec> {
  const { uid = '', namespace = '', name } = instance.metadata
  const spec = toInstanceSpec(instance)
  const images = new Map<string, Image>()
  for (const volume of spec.volumes ?? []) {
    const claim = claimNameOf(volume)
    const found = claim === undefined ? undefined : await findImage({ context, volumes }, { namespace, name: claim })
    if (found !== undefined) images.set(volume.name, found)
  }
  for (const empty of emptyDisksOf(spec.volumes ?? []))
    images.set(empty.name, imageOf(await volumes.ensureBlank(emptyDiskId(uid, empty.name), empty.sizeBytes)))
  const secretName = spec.volumes?.find(({ cloudInitNoCloud }) => cloudInitNoCloud?.secretRef !== undefined)?.cloudInitNoCloud
    ?.secretRef?.name
  const userData = secretName === undefined ? undefined : await userDataOf(context, { namespace, name: secretName })
  return toMachineSpec({
    uid,
    lifelongUid: lifelongUid(instance),
    namespace,
    name,
    spec,
    images,
    forwards: forwardsOf(instance.status?.interfaces ?? []),
    ...(userData === undefined ? {} : { secretUserData: userData }),
  })
}

type Image = Pick<Volume, 'path' | 'format' | 'backingFolder'>

const imageOf = ({ path, format, backingFolder }: Volume): Image => ({
  path,
  format,
  ...(backingFolder === undefined ? {} : { backingFolder }),
})

async function findImage({ context, volumes }: PartsDeps, claim: ObjectKey): Promise<Image | undefined> {
  // A claim that is being deleted keeps its image while an instance names it: this one does.
  const { uid } = context.cacheOf(persistentVolumeClaim).get(claim)?.metadata ?? {}
  const volume = uid === undefined ? undefined : await volumes.find(uid)
  return volume === undefined ? undefined : imageOf(volume)
}

/** Read when needed, never cached: no Secret stays in the memory of the node agent. */
async function userDataOf({ client }: ManagerContext, key: ObjectKey): Promise<string | undefined> {
  const found = await client.get(secret, key).catch((error: unknown) => {
    if (isWeirError(error, 'API_NOT_FOUND')) return undefined
    throw error
  })
  const encoded = found?.data?.['userdata'] ?? found?.data?.['userData']
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8')
}

/** Deletes the disks that live as long as the instance. */
export async function removeEmptyDisks(volumes: Volumes, instance: VirtualMachineInstance): Promise<void> {
  const names = (instance.spec.volumes ?? []).flatMap(({ name, emptyDisk }) => (emptyDisk === undefined ? [] : name))
  for (const name of names) await volumes.remove(emptyDiskId(instance.metadata.uid ?? '', name))
}

/** The id of the volume behind an empty disk; a name too long for one counts by its digest. */
function emptyDiskId(uid: string, name: string): string {
  const id = `${uid}-${name}`
  return /^[\w-]{1,64}$/u.test(id) ? id : `${uid}-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`
}

import {
  dataVolume,
  type PersistentVolume,
  persistentVolume,
  type PersistentVolumeClaim,
  persistentVolumeClaim,
  virtualMachineInstance,
} from '@weir/api'
import { type Bytes, type Clock, formatBytes, isWeirError, parseBytes } from '@weir/base'
import type { Client } from '@weir/client'
import { type Controller, createObjectWriter, defineWatch, type ManagerContext, type Next } from '@weir/runtime'
import type { Transfers } from '../data-volume/transfers.ts'
import { indexInstances } from '../virtual-machine-instance/instance-index.ts'
import { claimNameOf } from '../virtual-machine-instance/instance-spec.ts'
import type { Volumes } from '../volume/volumes.ts'

/** The class of volumes on this machine's disk. */
export const localStorageClass = 'weir-local'

/** What the claims stand on. */
export interface ClaimDeps {
  readonly context: ManagerContext
  readonly clock: Clock
  readonly volumes: Volumes
  readonly transfers: Transfers
}

const wait: Next = { kind: 'Wait' }

/** The bytes a claim asks for. @throws INPUT_QUANTITY */
export const claimBytes = ({ spec }: PersistentVolumeClaim): Bytes =>
  parseBytes(String(spec.resources?.requests?.['storage'] ?? '0'), 'spec.resources.requests.storage')

/** Whether a claim is one of ours. */
export const isLocal = ({ spec }: PersistentVolumeClaim): boolean =>
  (spec.storageClassName ?? localStorageClass) === localStorageClass

/**
 * Binds a claim to a PersistentVolume of its own, whose disk image has the claim's uid for an id. Claims of DataVolumes get
 * their image from what fills them; others get an empty one. A claim that grows takes its image along while no machine names
 * it. The image goes with the claim, once no machine names it.
 */
export function claimController({ context, clock, volumes, transfers }: ClaimDeps): Controller {
  const { client, cacheOf } = context
  const claims = cacheOf(persistentVolumeClaim)
  const instances = indexInstances(cacheOf(virtualMachineInstance))
  const writer = createObjectWriter({ client, clock, kind: persistentVolumeClaim, finalizer: 'weir.dev/disk-image' })
  const isUsed = ({ metadata }: PersistentVolumeClaim): boolean => instances.usingClaim(metadata).length > 0
  return {
    name: 'persistentvolumeclaim',
    kind: persistentVolumeClaim,
    watches: [
      defineWatch({
        kind: virtualMachineInstance,
        map: ({ metadata, spec }) =>
          (spec.volumes ?? [])
            .flatMap((volume) => claimNameOf(volume) ?? [])
            .map((name) => ({ namespace: metadata.namespace ?? '', name })),
      }),
    ],
    reconcile: async (key, signal) => {
      const claim = claims.get(key)
      if (claim === undefined || !isLocal(claim)) return wait
      if (claim.metadata.deletionTimestamp !== undefined) {
        // What still fills the image holds it, and may do so for ever if its sender has stalled.
        await transfers.cancel(claim.metadata.uid ?? '')
        if (isUsed(claim)) return wait
        await removeVolume({ client, volumes }, claim)
        await writer.removeFinalizer(claim, signal)
        return wait
      }
      if (await writer.ensureFinalizer(claim, signal)) return wait
      const sizeBytes = await ensureImage(volumes, claim, isUsed(claim))
      if (await bind(client, claim)) return wait
      await writer.patchStatus(
        claim,
        {
          conditions: [],
          status: {
            phase: 'Bound',
            accessModes: claim.spec.accessModes ?? ['ReadWriteOnce'],
            capacity: { storage: formatBytes(sizeBytes) },
          },
        },
        signal,
      )
      return wait
    },
  }
}

/** The size that the claim really has. An image that is still to come will have the size asked for. */
async function ensureImage(volumes: Volumes, claim: PersistentVolumeClaim, isUsed: boolean): Promise<Bytes> {
  const { uid = '' } = claim.metadata
  const wanted = claimBytes(claim)
  const found = isFilledByDataVolume(claim) ? await volumes.find(uid) : await volumes.ensureBlank(uid, wanted)
  if (found === undefined) return wanted
  const grown = found.sizeBytes < wanted && !isUsed ? await volumes.grow(uid, wanted) : found
  return grown.sizeBytes as Bytes
}

const isFilledByDataVolume = ({ metadata }: PersistentVolumeClaim): boolean =>
  (metadata.ownerReferences ?? []).some(({ kind }) => kind === dataVolume.kind)

const volumeName = ({ metadata }: PersistentVolumeClaim): string => `pvc-${metadata.uid ?? ''}`

/** True if it wrote to the claim, which wakes its controller again. */
async function bind(client: Client, claim: PersistentVolumeClaim): Promise<boolean> {
  const { namespace = '', name, uid = '', resourceVersion } = claim.metadata
  if (claim.spec.volumeName === volumeName(claim)) return false
  await client.create(persistentVolume, volumeFor(claim)).catch(ignore('API_ALREADY_EXISTS'))
  await client.patch(
    persistentVolume,
    { name: volumeName(claim) },
    { type: 'merge', subresource: 'status', body: { status: { phase: 'Bound' } } },
  )
  const metadata = { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) }
  await client.patch(
    persistentVolumeClaim,
    { namespace, name },
    { type: 'merge', body: { metadata, spec: { volumeName: volumeName(claim), storageClassName: localStorageClass } } },
  )
  return true
}

function volumeFor(claim: PersistentVolumeClaim): PersistentVolume {
  const { namespace = '', name, uid = '' } = claim.metadata
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName(claim) },
    spec: {
      capacity: { storage: formatBytes(claimBytes(claim)) },
      accessModes: claim.spec.accessModes ?? ['ReadWriteOnce'],
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: localStorageClass,
      volumeMode: claim.spec.volumeMode ?? 'Filesystem',
      csi: { driver: 'local.weir.dev', volumeHandle: uid },
    },
  }
}

async function removeVolume(
  { client, volumes }: { readonly client: Client; readonly volumes: Volumes },
  claim: PersistentVolumeClaim,
): Promise<void> {
  await volumes.remove(claim.metadata.uid ?? '')
  await client.delete(persistentVolume, { name: volumeName(claim) }).catch(ignore('API_NOT_FOUND'))
}

const ignore =
  (code: 'API_ALREADY_EXISTS' | 'API_NOT_FOUND') =>
  (error: unknown): void => {
    if (!isWeirError(error, code)) throw error
  }

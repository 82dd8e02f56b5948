import {
  dataVolume,
  type PersistentVolume,
  persistentVolume,
  type PersistentVolumeClaim,
  persistentVolumeClaim,
  virtualMachineInstance,
} from '@weir/api'
import { type Bytes, formatBytes, isWeirError, parseBytes } from '@weir/base'
import type { CacheReader, Client } from '@weir/client'
import { type Controller, createObjectWriter, defineWatch, type ManagerContext, type Next } from '@weir/runtime'
import type { Clock } from '@weir/base'
import type { Transfers } from '../data-volume/transfers.ts'
import type { Volumes } from '../volume/volumes.ts'
import { claimNameOf } from '../virtual-machine-instance/instance-spec.ts'

/** The class of volumes on this machine's disk. */
export const localStorageClass = 'weir-local'

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
 * their image from what fills them; others get an empty one. The image goes with the claim, once nobody uses it.
 */
export function claimController({ context, clock, volumes, transfers }: ClaimDeps): Controller {
  const { client, cacheOf } = context
  const claims = cacheOf(persistentVolumeClaim)
  const instances = cacheOf(virtualMachineInstance)
  const writer = createObjectWriter({ client, clock, kind: persistentVolumeClaim, finalizer: 'weir.dev/disk-image' })
  const reconcile = async ({ namespace, name }: { namespace: string; name: string }, signal: AbortSignal): Promise<Next> => {
    const claim = claims.get({ namespace, name })
    if (claim === undefined || !isLocal(claim)) return wait
    if (claim.metadata.deletionTimestamp !== undefined) {
      // What still fills the image holds it, and may do so for ever if its sender has stalled.
      await transfers.cancel(claim.metadata.uid ?? '')
      if (isUsed(claim, instances)) return wait
      await removeVolume({ client, volumes }, claim)
      await writer.removeFinalizer(claim, signal)
      return wait
    }
    if (await writer.ensureFinalizer(claim, signal)) return wait
    if (!isFilledByDataVolume(claim)) await volumes.ensureBlank(claim.metadata.uid ?? '', claimBytes(claim))
    await bind({ client, cache: claims }, claim)
    await writer.patchStatus(claim, {
      conditions: [],
      status: {
        phase: 'Bound',
        accessModes: claim.spec.accessModes ?? ['ReadWriteOnce'],
        capacity: { storage: formatBytes(claimBytes(claim)) },
      },
    })
    return wait
  }
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
    reconcile,
  }
}

const isFilledByDataVolume = ({ metadata }: PersistentVolumeClaim): boolean =>
  (metadata.ownerReferences ?? []).some(({ kind }) => kind === dataVolume.kind)

const isUsed = (
  { metadata }: PersistentVolumeClaim,
  instances: CacheReader<{
    readonly apiVersion: string
    readonly kind: string
    readonly metadata: PersistentVolumeClaim['metadata']
    readonly spec: { readonly volumes?: readonly { readonly name: string }[] }
  }>,
): boolean =>
  instances
    .list(metadata.namespace)
    .some(({ spec }) => (spec.volumes ?? []).some((volume) => claimNameOf(volume) === metadata.name))

const volumeName = ({ metadata }: PersistentVolumeClaim): string => `pvc-${metadata.uid ?? ''}`

async function bind(
  { client }: { readonly client: Client; readonly cache: CacheReader<PersistentVolumeClaim> },
  claim: PersistentVolumeClaim,
): Promise<void> {
  const { namespace = '', name, uid = '' } = claim.metadata
  const volume: PersistentVolume = {
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
  if (claim.spec.volumeName === volumeName(claim)) return
  await client.create(persistentVolume, volume).catch(ignore('API_ALREADY_EXISTS'))
  await client.patch(
    persistentVolume,
    { name: volumeName(claim) },
    { type: 'merge', subresource: 'status', body: { status: { phase: 'Bound' } } },
  )
  await client.patch(
    persistentVolumeClaim,
    { namespace, name },
    { type: 'merge', body: { metadata: { uid }, spec: { volumeName: volumeName(claim), storageClassName: localStorageClass } } },
  )
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

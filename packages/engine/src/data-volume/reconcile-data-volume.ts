import {
  apiVersionOf,
  type DataVolume,
  dataVolume,
  type DataVolumePhase,
  type PersistentVolumeClaim,
  persistentVolumeClaim,
  virtualMachineInstance,
} from '@weir/api'
import { type Clock, isWeirError, WeirError } from '@weir/base'
import {
  type Controller,
  createObjectWriter,
  defineWatch,
  type EventRecorder,
  type ManagerContext,
  type Next,
  type Request,
  toOwner,
} from '@weir/runtime'
import { claimBytes, isLocal, localStorageClass } from '../claim/reconcile-claim.ts'
import { claimNameOf } from '../virtual-machine-instance/instance-spec.ts'
import { ingestImage } from '../volume/ingest.ts'
import type { Volumes } from '../volume/volumes.ts'
import { download } from './download.ts'
import type { Transfers, TransferState } from './transfers.ts'

export interface DataVolumeDeps {
  readonly context: ManagerContext
  readonly clock: Clock
  readonly events: EventRecorder
  readonly volumes: Volumes
  readonly transfers: Transfers
}

interface Observed {
  readonly phase: DataVolumePhase
  readonly progress: string
  readonly message: string
  readonly next: Next
}

const wait: Next = { kind: 'Wait' }
const retry: Next = { kind: 'PollAfter', seconds: 10, reason: 'the source failed and is tried again' }
const ignoreExisting = (error: unknown): void => {
  if (!isWeirError(error, 'API_ALREADY_EXISTS')) throw error
}

/** Fills claims: each DataVolume makes a claim of its own name and sees that the image gets into it. */
export function dataVolumeController(deps: DataVolumeDeps): Controller {
  const { context, clock, transfers, events } = deps
  const { client, cacheOf } = context
  const objects = cacheOf(dataVolume)
  const claims = cacheOf(persistentVolumeClaim)
  const writer = createObjectWriter({ client, clock, kind: dataVolume, finalizer: 'cdi.kubevirt.io/dataVolumeFinalizer' })

  const reconcile = async ({ namespace, name }: Request, signal: AbortSignal): Promise<Next> => {
    const object = objects.get({ namespace, name })
    if (object === undefined) return wait
    if (object.metadata.deletionTimestamp !== undefined) {
      await transfers.cancel(claims.get({ namespace, name })?.metadata.uid ?? '')
      await writer.removeFinalizer(object, signal)
      return wait
    }
    if (await writer.ensureFinalizer(object, signal)) return wait
    const claim = claims.get({ namespace, name })
    if (claim === undefined) await client.create(persistentVolumeClaim, claimFor(object)).catch(ignoreExisting)
    const seen = claim === undefined ? pending('the claim is being made') : await lookAt(deps, object, claim)
    if (seen.phase !== object.status?.phase)
      events.record(object, { type: seen.phase === 'Failed' ? 'Warning' : 'Normal', reason: seen.phase, message: seen.message })
    await writer.patchStatus(object, { conditions: conditionsOf(seen), status: statusOf(object, seen) })
    return seen.next
  }
  return {
    name: 'datavolume',
    kind: dataVolume,
    watches: [
      defineWatch({ kind: persistentVolumeClaim, map: toOwner(dataVolume) }),
      defineWatch({ kind: virtualMachineInstance, map: ({ metadata }) => waitingClones(objects.list(metadata.namespace)) }),
    ],
    sources: [
      (wake) =>
        transfers.onChange((uid) => {
          for (const { metadata } of claims.list())
            if (metadata.uid === uid) wake({ namespace: metadata.namespace ?? '', name: metadata.name })
        }),
    ],
    reconcile,
  }
}

const waitingClones = (objects: readonly DataVolume[]): readonly Request[] =>
  objects
    .filter(({ status }) => status?.phase === 'CloneScheduled')
    .map(({ metadata }) => ({ namespace: metadata.namespace ?? '', name: metadata.name }))

const pending = (message: string): Observed => ({ phase: 'Pending', progress: 'N/A', message, next: wait })

/** A claim of another owner is not ours to fill: one of an earlier DataVolume of this name is about to go with its content. */
async function lookAt(deps: DataVolumeDeps, object: DataVolume, claim: PersistentVolumeClaim): Promise<Observed> {
  if (claim.metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid) === true) return observe(deps, object, claim)
  const next: Next = { kind: 'PollAfter', seconds: 5, reason: 'a claim of its name belongs to somebody else' }
  return {
    ...pending(`the claim '${claim.metadata.name}' exists and is not of this DataVolume; delete it, or choose another name`),
    next,
  }
}

/** The state of the image in the claim; starts what fills it. */
async function observe(deps: DataVolumeDeps, object: DataVolume, claim: PersistentVolumeClaim): Promise<Observed> {
  const { volumes, transfers } = deps
  const id = claim.metadata.uid ?? ''
  if ((await volumes.find(id)) !== undefined)
    return { phase: 'Succeeded', progress: '100.0%', message: 'the disk is complete', next: wait }
  if (claim.metadata.deletionTimestamp !== undefined) return pending('the claim is being deleted')
  if (!isLocal(claim))
    return pending(`no provisioner for storage class '${claim.spec.storageClassName ?? ''}'; use '${localStorageClass}'`)
  const state = transfers.state(id)
  if (state?.kind === 'Failed' && state.isFinal) return { phase: 'Failed', progress: 'N/A', message: state.message, next: wait }
  const { upload, blank, http, pvc } = object.spec.source ?? {}
  if (blank !== undefined) return fillBlank(volumes, id, claim)
  if (pvc !== undefined) return clone(deps, { id, claim, source: pvc })
  if (upload !== undefined) return upLoaded(state)
  if (http !== undefined) return downLoaded(deps, { id, claim, url: http.url })
  return {
    phase: 'Failed',
    progress: 'N/A',
    message: "`spec.source` must be one of 'upload', 'blank', 'http', 'pvc'",
    next: wait,
  }
}

const progressOf = (state: TransferState | undefined): string =>
  state?.kind === 'Running' ? `${state.percent.toFixed(2)}%` : 'N/A'

const upLoaded = (state: TransferState | undefined): Observed => ({
  phase: 'UploadReady',
  progress: progressOf(state),
  message: state?.kind === 'Failed' ? state.message : 'waiting for the image to be uploaded',
  next: wait,
})

interface Download {
  readonly id: string
  readonly claim: PersistentVolumeClaim
  readonly url: string
}

/** Starts the download unless it runs; one that failed is started again at the next look. */
function downLoaded(deps: DataVolumeDeps, target: Download): Observed {
  const state = deps.transfers.state(target.id)
  if (state?.kind !== 'Running') startDownload(deps, target)
  if (state?.kind === 'Failed') return { phase: 'ImportScheduled', progress: 'N/A', message: state.message, next: retry }
  return { phase: 'ImportInProgress', progress: progressOf(state), message: 'the image is downloaded', next: wait }
}

async function fillBlank(volumes: Volumes, id: string, claim: PersistentVolumeClaim): Promise<Observed> {
  await volumes.ensureBlank(id, claimBytes(claim))
  return { phase: 'Succeeded', progress: '100.0%', message: 'the disk is complete', next: wait }
}

function startDownload({ transfers, volumes }: DataVolumeDeps, { id, claim, url }: Download): void {
  transfers.start(id, async (signal, onProgress) => {
    const { chunks, lengthBytes } = await download(url, signal)
    await ingestImage(volumes, {
      id,
      sizeBytes: claimBytes(claim),
      chunks,
      signal,
      onProgress,
      ...(lengthBytes === undefined ? {} : { lengthBytes }),
    })
  })
}

async function clone(
  { context, volumes }: DataVolumeDeps,
  {
    id,
    claim,
    source,
  }: {
    readonly id: string
    readonly claim: PersistentVolumeClaim
    readonly source: { readonly name: string; readonly namespace: string }
  },
): Promise<Observed> {
  // A claim of another namespace would need a permission that nobody has given.
  if (source.namespace !== claim.metadata.namespace)
    return {
      phase: 'Failed',
      progress: 'N/A',
      message: '`spec.source.pvc.namespace` must be the namespace of the DataVolume',
      next: wait,
    }
  const from = context.cacheOf(persistentVolumeClaim).get(source)
  const poll: Next = { kind: 'PollAfter', seconds: 5, reason: 'the source of the clone is not ready' }
  if (from === undefined)
    return { phase: 'CloneScheduled', progress: 'N/A', message: `there is no claim '${source.name}' to clone`, next: poll }
  const isIdle = (): boolean =>
    !context
      .cacheOf(virtualMachineInstance)
      .list(source.namespace)
      .some(({ spec }) => (spec.volumes ?? []).some((volume) => claimNameOf(volume) === source.name))
  try {
    await volumes.clone({
      source: from.metadata.uid ?? '',
      target: id,
      sizeBytes: claimBytes(claim),
      isIdle: () => Promise.resolve(isIdle()),
    })
    return { phase: 'Succeeded', progress: '100.0%', message: 'the disk is complete', next: wait }
  } catch (error) {
    if (isWeirError(error, 'VOLUME_IN_USE') || isWeirError(error, 'VOLUME_NOT_FOUND'))
      return { phase: 'CloneScheduled', progress: 'N/A', message: error.message, next: poll }
    if (error instanceof WeirError && error.family === 'Input')
      return { phase: 'Failed', progress: 'N/A', message: error.message, next: wait }
    throw error
  }
}

function claimFor(object: DataVolume): PersistentVolumeClaim {
  const { name, namespace = '', uid = '', labels } = object.metadata
  const wanted = object.spec.storage ?? object.spec.pvc ?? {}
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace,
      ...(labels === undefined ? {} : { labels }),
      ownerReferences: [
        { apiVersion: apiVersionOf(dataVolume), kind: dataVolume.kind, name, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: { ...wanted, accessModes: wanted.accessModes ?? ['ReadWriteOnce'] },
  }
}

const conditionsOf = ({
  phase,
  message,
}: Observed): readonly { type: string; status: 'True' | 'False'; reason: string; message: string }[] => [
  {
    type: 'Bound',
    status: phase === 'Pending' ? 'False' : 'True',
    reason: phase === 'Pending' ? 'Pending' : 'Bound',
    message: phase === 'Pending' ? message : 'the claim is bound',
  },
  { type: 'Ready', status: phase === 'Succeeded' ? 'True' : 'False', reason: phase, message },
  {
    type: 'Running',
    status: phase === 'ImportInProgress' || phase === 'CloneInProgress' ? 'True' : 'False',
    reason: phase,
    message,
  },
]

function statusOf(object: DataVolume, { phase, progress }: Observed): NonNullable<DataVolume['status']> {
  const restarts = object.status?.restartCount ?? 0
  const isRestart = phase === 'ImportScheduled' && object.status?.phase === 'ImportInProgress'
  return { phase, progress, claimName: object.metadata.name, restartCount: isRestart ? restarts + 1 : restarts }
}

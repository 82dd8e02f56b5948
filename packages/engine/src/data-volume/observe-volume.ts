import {
  type DataVolume,
  type DataVolumePhase,
  type PersistentVolumeClaim,
  persistentVolumeClaim,
  virtualMachineInstance,
} from '@weir/api'
import { type Clock, isWeirError } from '@weir/base'
import type { ManagerContext, Next } from '@weir/runtime'
import { claimBytes, isLocal, localStorageClass } from '../claim/reconcile-claim.ts'
import { indexInstances } from '../virtual-machine-instance/instance-index.ts'
import type { Volumes } from '../volume/volumes.ts'
import type { ImportImage } from './import-image.ts'
import type { Transfers, TransferState } from './transfers.ts'

/** What fills claims. */
export interface FillDeps {
  readonly context: ManagerContext
  readonly clock: Clock
  readonly volumes: Volumes
  readonly transfers: Transfers
  readonly importImage: ImportImage
}

/** What was seen of a DataVolume, and when to look again. */
export interface Observed {
  readonly phase: DataVolumePhase
  readonly progress: string
  readonly message: string
  readonly next: Next
  /** True if a transfer was begun again: the one before failed, or nothing is left of it. */
  readonly isRestart?: boolean
}

/** The claim to fill, and the id of the volume behind it. */
interface Target {
  readonly id: string
  readonly claim: PersistentVolumeClaim
}

const wait: Next = { kind: 'Wait' }
const done: Observed = { phase: 'Succeeded', progress: '100.0%', message: 'the disk is complete', next: wait }
const failed = (message: string): Observed => ({ phase: 'Failed', progress: 'N/A', message, next: wait })

/** Nothing can be done yet, for the reason told. */
export const pending = (message: string): Observed => ({ phase: 'Pending', progress: 'N/A', message, next: wait })

/** The state of the image in the claim of a DataVolume; starts what fills it. */
export async function observeVolume(deps: FillDeps, object: DataVolume, claim: PersistentVolumeClaim): Promise<Observed> {
  const { volumes, transfers } = deps
  const target: Target = { id: claim.metadata.uid ?? '', claim }
  if ((await volumes.find(target.id)) !== undefined) return done
  if (!isLocal(claim))
    return pending(`no provisioner for storage class '${claim.spec.storageClassName ?? ''}'; use '${localStorageClass}'`)
  const state = transfers.state(target.id)
  if (state?.kind === 'Failed' && state.isFinal) return failed(state.message)
  const { upload, blank, http, pvc } = object.spec.source ?? {}
  if (blank !== undefined) return fillBlank(deps, target)
  if (pvc !== undefined) return clone(deps, target, pvc)
  if (upload !== undefined) return uploaded(state)
  if (http !== undefined) return downloaded(deps, target, { url: http.url, before: object.status?.phase })
  return failed("`spec.source` must be one of 'upload', 'blank', 'http', 'pvc'")
}

const progressOf = (state: TransferState | undefined): string =>
  state?.kind === 'Running' ? `${state.percent.toFixed(2)}%` : 'N/A'

const uploaded = (state: TransferState | undefined): Observed => ({
  phase: 'UploadReady',
  progress: progressOf(state),
  message: state?.kind === 'Failed' ? state.message : 'waiting for the image to be uploaded',
  next: wait,
})

interface Download {
  readonly url: string
  /** The phase that was written last. */
  readonly before: DataVolumePhase | undefined
}

/** Starts the download unless it runs; one that failed is started again after a while. */
function downloaded(deps: FillDeps, target: Target, { url, before }: Download): Observed {
  const { transfers, clock, volumes, importImage } = deps
  const { id, claim } = target
  const state = transfers.state(id)
  if (state?.kind === 'Failed' && state.retryAtMillis > clock.now()) {
    const seconds = Math.max(1, (state.retryAtMillis - clock.now()) / 1000)
    const next: Next = { kind: 'PollAfter', seconds, reason: 'the source failed and is tried again' }
    return { phase: 'ImportScheduled', progress: 'N/A', message: state.message, next }
  }
  const seen: Observed = {
    phase: 'ImportInProgress',
    progress: progressOf(state),
    message: 'the image is downloaded',
    next: wait,
  }
  if (state?.kind === 'Running') return seen
  transfers.start(id, (signal, onProgress) => importImage(volumes, { id, sizeBytes: claimBytes(claim), url, signal, onProgress }))
  return { ...seen, isRestart: before === 'ImportInProgress' || before === 'ImportScheduled' }
}

async function fillBlank({ volumes }: FillDeps, { id, claim }: Target): Promise<Observed> {
  try {
    await volumes.ensureBlank(id, claimBytes(claim))
    return done
  } catch (error) {
    // The claim went between our look at it and now, and its image with it.
    if (isWeirError(error, 'VOLUME_NOT_FOUND')) return pending('the claim is being deleted')
    throw error
  }
}

async function clone(
  deps: FillDeps,
  target: Target,
  source: { readonly name: string; readonly namespace: string },
): Promise<Observed> {
  const { context, volumes } = deps
  const { id, claim } = target
  // A claim of another namespace would need a permission that nobody has given.
  if (source.namespace !== claim.metadata.namespace)
    return failed('`spec.source.pvc.namespace` must be the namespace of the DataVolume')
  const scheduled = (message: string): Observed => ({
    phase: 'CloneScheduled',
    progress: 'N/A',
    message,
    next: { kind: 'PollAfter', seconds: 5, reason: 'the source of the clone is not ready' },
  })
  const from = context.cacheOf(persistentVolumeClaim).get(source)
  if (from === undefined) return scheduled(`there is no claim '${source.name}' to clone`)
  const users = indexInstances(context.cacheOf(virtualMachineInstance))
  try {
    await volumes.clone({
      source: from.metadata.uid ?? '',
      target: id,
      sizeBytes: claimBytes(claim),
      isIdle: () => Promise.resolve(users.usingClaim(source).length === 0),
    })
    return done
  } catch (error) {
    if (isWeirError(error, 'VOLUME_IN_USE') || isWeirError(error, 'VOLUME_NOT_FOUND')) return scheduled(error.message)
    if (isWeirError(error) && error.family === 'Input') return failed(error.message)
    throw error
  }
}

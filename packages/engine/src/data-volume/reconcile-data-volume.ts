import {
  apiVersionOf,
  type Condition,
  type DataVolume,
  dataVolume,
  type KubernetesObject,
  type PersistentVolumeClaim,
  persistentVolumeClaim,
  virtualMachineInstance,
} from '@weir/api'
import { isWeirError } from '@weir/base'
import {
  type Controller,
  createObjectWriter,
  defineWatch,
  type EventRecorder,
  type Next,
  type Request,
  toOwner,
} from '@weir/runtime'
import { isRefusal } from '../refusal.ts'
import { claimNameOf } from '../virtual-machine-instance/instance-spec.ts'
import { type FillDeps, type Observed, observeVolume, pending } from './observe-volume.ts'

/** What the DataVolumes stand on. */
export interface DataVolumeDeps extends FillDeps {
  readonly events: EventRecorder
}

const wait: Next = { kind: 'Wait' }
/** Another spec wakes the volume by itself; a policy that goes away does not. */
const tryAgain: Next = { kind: 'PollAfter', seconds: 30, reason: 'what refuses the claim may go away' }
/** What was made and deleted again between two lists of a cache wakes nobody. */
const lookAgain: Next = { kind: 'PollAfter', seconds: 30, reason: 'the claim that was made has not been seen yet' }

/** Fills claims: each DataVolume makes a claim of its own name and sees that the image gets into it. */
export function dataVolumeController(deps: DataVolumeDeps): Controller {
  const { context, clock, transfers, events } = deps
  const { client, cacheOf } = context
  const objects = cacheOf(dataVolume)
  const claims = cacheOf(persistentVolumeClaim)
  const writer = createObjectWriter({ client, clock, kind: dataVolume, finalizer: 'cdi.kubevirt.io/dataVolumeFinalizer' })
  claims.addIndex('uid', ({ metadata }) => (metadata.uid === undefined ? [] : [metadata.uid]))
  objects.addIndex('waitsForClone', clonesFrom)
  const waitingFor = (namespace: string | undefined, claim: string): readonly Request[] =>
    objects.byIndex('waitsForClone', `${namespace ?? ''}/${claim}`).map(requestOf)

  return {
    name: 'datavolume',
    kind: dataVolume,
    watches: [
      defineWatch({ kind: persistentVolumeClaim, map: toOwner(dataVolume) }),
      defineWatch({ kind: persistentVolumeClaim, map: ({ metadata }) => waitingFor(metadata.namespace, metadata.name) }),
      defineWatch({ kind: dataVolume, map: ({ metadata }) => waitingFor(metadata.namespace, metadata.name) }),
      defineWatch({
        kind: virtualMachineInstance,
        map: ({ metadata, spec }) =>
          (spec.volumes ?? []).flatMap((volume) => waitingFor(metadata.namespace, claimNameOf(volume) ?? '')),
      }),
    ],
    sources: [
      (wake) =>
        transfers.onChange((uid) => {
          const [claim] = claims.byIndex('uid', uid)
          if (claim === undefined) void transfers.cancel(uid)
          else wake(requestOf(claim))
        }),
    ],
    reconcile: async (key, signal) => {
      const object = objects.get(key)
      if (object === undefined) return wait
      const claim = claims.get(key)
      if (object.metadata.deletionTimestamp !== undefined) {
        await transfers.cancel(claim?.metadata.uid ?? '')
        await writer.removeFinalizer(object, signal)
        return wait
      }
      if (await writer.ensureFinalizer(object, signal)) return wait
      // Succeeded and Failed are final as long as what they speak of is there.
      if (object.status?.phase === 'Failed') return wait
      const refused = claim === undefined ? await claimRefused(deps, object, signal) : undefined
      const seen = refused ?? (await look(deps, object, claim))
      const isNews = await writer.patchStatus(
        object,
        { conditions: conditionsOf(seen, claim), status: statusOf(object, seen) },
        signal,
      )
      if (isNews && seen.phase !== object.status?.phase)
        events.record(object, { type: seen.phase === 'Failed' ? 'Warning' : 'Normal', reason: seen.phase, message: seen.message })
      return seen.next
    },
  }
}

const requestOf = ({ metadata }: KubernetesObject): Request => ({ namespace: metadata.namespace ?? '', name: metadata.name })

/** The claim whose clone a DataVolume waits to be. */
const clonesFrom = ({ spec, status }: DataVolume): readonly string[] =>
  status?.phase === 'CloneScheduled' && spec.source?.pvc !== undefined
    ? [`${spec.source.pvc.namespace}/${spec.source.pvc.name}`]
    : []

/** Makes the claim; what the API has against it, to be told. @throws what passes by itself */
async function claimRefused(
  { context: { client } }: DataVolumeDeps,
  object: DataVolume,
  signal: AbortSignal,
): Promise<Observed | undefined> {
  try {
    await client.create(persistentVolumeClaim, claimFor(object), signal)
    return undefined
  } catch (error) {
    if (isWeirError(error, 'API_ALREADY_EXISTS')) return undefined
    if (!isRefusal(error)) throw error
    return { ...pending(`the claim is refused: ${error.message}`), next: tryAgain }
  }
}

async function look(deps: DataVolumeDeps, object: DataVolume, claim: PersistentVolumeClaim | undefined): Promise<Observed> {
  if (claim === undefined) return { ...pending('the claim is being made'), next: lookAgain }
  if (claim.metadata.deletionTimestamp !== undefined) {
    // A transfer that we began just before would hold the image against its removal.
    await deps.transfers.cancel(claim.metadata.uid ?? '')
    return pending('the claim is being deleted')
  }
  if (claim.metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid) !== true)
    return pending(
      `the claim '${claim.metadata.name}' is there already and belongs to somebody else; delete it, or choose another name`,
    )
  return observeVolume(deps, object, claim)
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

function conditionsOf({ phase, message }: Observed, claim: PersistentVolumeClaim | undefined): readonly Condition[] {
  const isBound = claim?.status?.phase === 'Bound' && phase !== 'Pending'
  const isRunning = phase === 'ImportInProgress' || phase === 'CloneInProgress'
  return [
    isBound
      ? { type: 'Bound', status: 'True', reason: 'Bound', message: 'the claim is bound' }
      : {
          type: 'Bound',
          status: 'False',
          reason: 'Pending',
          message: phase === 'Pending' ? message : 'the claim is not bound yet',
        },
    { type: 'Ready', status: phase === 'Succeeded' ? 'True' : 'False', reason: phase, message },
    { type: 'Running', status: isRunning ? 'True' : 'False', reason: phase, message },
  ]
}

const statusOf = (
  { metadata, status }: DataVolume,
  { phase, progress, isRestart }: Observed,
): NonNullable<DataVolume['status']> => ({
  phase,
  progress,
  claimName: metadata.name,
  restartCount: (status?.restartCount ?? 0) + (isRestart === true ? 1 : 0),
})

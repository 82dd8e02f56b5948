import {
  apiVersionOf,
  dataVolume,
  type DataVolume,
  type OwnerReference,
  persistentVolumeClaim,
  type VirtualMachine,
  virtualMachine,
  type VirtualMachineInstance,
  virtualMachineInstance,
  type VirtualMachineStatus,
} from '@weir/api'
import { type Clock, isWeirError } from '@weir/base'
import {
  type Controller,
  createObjectWriter,
  defineWatch,
  type EventRecorder,
  formatTime,
  type ManagerContext,
  type Next,
  type Request,
  toOwner,
} from '@weir/runtime'
import { claimNameOf } from '../virtual-machine-instance/instance-spec.ts'
import { type Action, decide, firstRequest, isFinal, type MachineView, printableStatusOf, strategyOf } from './desired.ts'

export interface MachineControllerDeps {
  readonly context: ManagerContext
  readonly clock: Clock
  readonly events: EventRecorder
}

const wait: Next = { kind: 'Wait' }
const maxBackoffMillis = 300_000

/** Makes VirtualMachines come true: their disks, and one VirtualMachineInstance while they are to run. */
export function virtualMachineController(deps: MachineControllerDeps): Controller {
  const { context, clock, events } = deps
  const { client, cacheOf } = context
  const machines = cacheOf(virtualMachine)
  const instances = cacheOf(virtualMachineInstance)
  const volumes = cacheOf(dataVolume)
  const claims = cacheOf(persistentVolumeClaim)
  const writer = createObjectWriter({
    client,
    clock,
    kind: virtualMachine,
    finalizer: 'kubevirt.io/virtualMachineControllerFinalize',
  })

  const viewOf = (machine: VirtualMachine): MachineView => {
    const { namespace = '', name, uid } = machine.metadata
    const found = instances.get({ namespace, name })
    const instance = found?.metadata.ownerReferences?.some((owner) => owner.uid === uid) === true ? found : undefined
    const names = (machine.spec.template.spec.volumes ?? []).flatMap((volume) => claimNameOf(volume) ?? [])
    const dvs = names.map((each) => volumes.get({ namespace, name: each }))
    const disksReady = names.every((each, index) =>
      dvs[index] === undefined ? claims.get({ namespace, name: each }) !== undefined : dvs[index].status?.phase === 'Succeeded',
    )
    return { machine, instance, disksReady, diskFailed: dvs.some((dv) => dv?.status?.phase === 'Failed'), now: clock.now() }
  }
  const act = async (view: MachineView, action: Action): Promise<void> => {
    const { machine, instance } = view
    if (action.kind === 'Create') {
      await client.create(virtualMachineInstance, instanceOf(machine)).catch(ignore('API_ALREADY_EXISTS'))
      events.record(machine, {
        type: 'Normal',
        reason: 'SuccessfulCreate',
        message: `Started the virtual machine by creating the new virtual machine instance ${machine.metadata.name}`,
      })
    }
    if (action.kind === 'Delete' && instance !== undefined) {
      await client
        .delete(
          virtualMachineInstance,
          instance.metadata,
          instance.metadata.uid === undefined ? {} : { uid: instance.metadata.uid },
        )
        .catch(ignore('API_NOT_FOUND'))
      events.record(machine, {
        type: 'Normal',
        reason: 'SuccessfulDelete',
        message: `Stopped the virtual machine by deleting the virtual machine instance ${machine.metadata.name}`,
      })
    }
  }
  const reconcile = async ({ namespace, name }: Request, signal: AbortSignal): Promise<Next> => {
    const machine = machines.get({ namespace, name })
    if (machine === undefined) return wait
    const view = viewOf(machine)
    if (machine.metadata.deletionTimestamp !== undefined) {
      await act(
        view,
        view.instance !== undefined && view.instance.metadata.deletionTimestamp === undefined
          ? { kind: 'Delete' }
          : { kind: 'None' },
      )
      await writer.patchStatus(machine, { conditions: [], status: { printableStatus: 'Terminating' } })
      if (view.instance === undefined) await writer.removeFinalizer(machine, signal)
      return wait
    }
    if (await writer.ensureFinalizer(machine, signal)) return wait
    await ensureDisks(context, machine)
    const action = decide(view)
    await act(view, action)
    await writer.patchStatus<VirtualMachineStatus>(machine, { conditions: conditionsOf(view), status: statusOf(view) })
    return action.kind === 'WaitUntil'
      ? {
          kind: 'PollAfter',
          seconds: Math.max(1, (action.millis - clock.now()) / 1000),
          reason: 'the machine failed and starts again after a while',
        }
      : wait
  }
  return {
    name: 'virtualmachine',
    kind: virtualMachine,
    watches: [
      defineWatch({ kind: virtualMachineInstance, map: toOwner(virtualMachine) }),
      defineWatch({ kind: dataVolume, map: ({ metadata }) => usersOf(machines.list(metadata.namespace), metadata.name) }),
      defineWatch({
        kind: persistentVolumeClaim,
        map: ({ metadata }) => usersOf(machines.list(metadata.namespace), metadata.name),
      }),
    ],
    reconcile,
  }
}

const usersOf = (machines: readonly VirtualMachine[], claim: string): readonly Request[] =>
  machines
    .filter(({ spec }) => (spec.template.spec.volumes ?? []).some((volume) => claimNameOf(volume) === claim))
    .map(({ metadata }) => ({ namespace: metadata.namespace ?? '', name: metadata.name }))

const ignore =
  (code: 'API_ALREADY_EXISTS' | 'API_NOT_FOUND') =>
  (error: unknown): void => {
    if (!isWeirError(error, code)) throw error
  }

const ownerOf = ({ metadata }: VirtualMachine): OwnerReference => ({
  apiVersion: apiVersionOf(virtualMachine),
  kind: virtualMachine.kind,
  name: metadata.name,
  uid: metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
})

function instanceOf(machine: VirtualMachine): VirtualMachineInstance {
  const { name, namespace = '' } = machine.metadata
  const { template } = machine.spec
  return {
    apiVersion: apiVersionOf(virtualMachineInstance),
    kind: virtualMachineInstance.kind,
    metadata: {
      name,
      namespace,
      labels: { ...template.metadata?.labels, 'kubevirt.io/vm': name },
      ...(template.metadata?.annotations === undefined ? {} : { annotations: template.metadata.annotations }),
      ownerReferences: [ownerOf(machine)],
    },
    spec: template.spec,
  }
}

/** Makes the DataVolumes of `dataVolumeTemplates` that are missing; they go with the machine. */
async function ensureDisks({ client, cacheOf }: ManagerContext, machine: VirtualMachine): Promise<void> {
  const { namespace = '' } = machine.metadata
  for (const { metadata, spec } of machine.spec.dataVolumeTemplates ?? []) {
    if (metadata.name === undefined || cacheOf(dataVolume).get({ namespace, name: metadata.name }) !== undefined) continue
    const object: DataVolume = {
      apiVersion: apiVersionOf(dataVolume),
      kind: dataVolume.kind,
      metadata: { ...metadata, name: metadata.name, namespace, ownerReferences: [ownerOf(machine)] },
      spec,
    }
    await client.create(dataVolume, object).catch(ignore('API_ALREADY_EXISTS'))
  }
}

function conditionsOf({ instance }: MachineView): VirtualMachineStatus['conditions'] & object {
  const find = (type: string) => instance?.status?.conditions?.find((condition) => condition.type === type)
  const ready = find('Ready')
  const paused = find('Paused')
  const agent = find('AgentConnected')
  const no = { reason: 'VMINotExists', message: 'VMI does not exist' }
  return [
    ready === undefined ? { type: 'Ready', status: 'False', ...no } : { ...ready, type: 'Ready' },
    paused === undefined ? { type: 'Paused', status: 'False', ...no } : { ...paused, type: 'Paused' },
    agent === undefined ? { type: 'AgentConnected', status: 'False', ...no } : { ...agent, type: 'AgentConnected' },
  ].map(({ type, status, reason, message }) => ({ type, status: status as 'True' | 'False' | 'Unknown', reason, message }))
}

function statusOf(view: MachineView): VirtualMachineStatus {
  const { machine, instance, now } = view
  return {
    created: instance !== undefined,
    ready: instance?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true,
    printableStatus: printableStatusOf(view),
    runStrategy: strategyOf(machine),
    ...(machine.metadata.generation === undefined ? {} : { observedGeneration: machine.metadata.generation }),
    stateChangeRequests: remainingRequests(view),
    ...startFailureOf(machine, instance, now),
  }
}

/** A Stop is done when its instance is gone, a Start when there is an instance. */
function remainingRequests({ machine, instance }: MachineView): NonNullable<VirtualMachineStatus['stateChangeRequests']> {
  const requests = machine.status?.stateChangeRequests ?? []
  const first = firstRequest(machine)
  if (first === undefined) return requests
  const isSame = instance !== undefined && (first.uid === undefined || first.uid === instance.metadata.uid)
  const isDone = first.action === 'Stop' ? !isSame : instance !== undefined && !isFinal(instance)
  return isDone ? requests.slice(1) : requests
}

/**
 * Failures in a row make the next start wait longer: 10 s, doubled each time, at most 5 minutes. A guest that was switched off,
 * by us when the data center stopped or by the host's own shutdown, has not failed.
 */
function startFailureOf(
  machine: VirtualMachine,
  instance: VirtualMachineInstance | undefined,
  now: number,
): Pick<VirtualMachineStatus, 'startFailure'> | object {
  const before = machine.status?.startFailure
  if (instance?.status?.phase === 'Running') return before === undefined ? {} : { startFailure: undefined }
  if (instance?.status?.phase !== 'Failed' || instance.metadata.deletionTimestamp !== undefined) return {}
  if (instance.status.reason === 'Killed') return {}
  const count = (before?.consecutiveFailCount ?? 0) + 1
  const delay = Math.min(maxBackoffMillis, 10_000 * 2 ** Math.min(10, count - 1))
  return { startFailure: { consecutiveFailCount: count, retryAfterTimestamp: formatTime(now + delay) } }
}

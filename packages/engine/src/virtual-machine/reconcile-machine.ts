import {
  dataVolume,
  type KubernetesObject,
  node,
  persistentVolumeClaim,
  type VirtualMachine,
  virtualMachine,
  virtualMachineInstance,
} from '@weir/api'
import { type Clock, isWeirError } from '@weir/base'
import {
  type Controller,
  createObjectWriter,
  defineWatch,
  type EventRecorder,
  formatTime,
  isConditionTrue,
  type ManagerContext,
  type Next,
  type ObjectWriter,
  type Request,
  setConditions,
  toOwner,
} from '@weir/runtime'
import { isRefusal } from '../refusal.ts'
import { indexInstances } from '../virtual-machine-instance/instance-index.ts'
import { type Action, decide } from './desired.ts'
import { claimsOf, disksStateOf } from './disks-state.ts'
import { machineStatus } from './machine-status.ts'
import type { MachineView } from './machine-view.ts'
import { ensureDisks, instanceOf } from './owned-objects.ts'

/** What the VirtualMachines stand on. */
export interface MachineControllerDeps {
  readonly context: ManagerContext
  readonly clock: Clock
  readonly events: EventRecorder
}

interface Scope extends MachineControllerDeps {
  readonly writer: ObjectWriter<VirtualMachine>
}

const wait: Next = { kind: 'Wait' }
/** What was made and deleted again between two lists of a cache wakes nobody. */
const lookAgain: Next = { kind: 'PollAfter', seconds: 30, reason: 'what was made has not been seen yet' }

/** Another template wakes the machine by itself; a policy that goes away does not. */
const tryAgain: Next = { kind: 'PollAfter', seconds: 30, reason: 'what refuses its disks may go away' }

/** Makes VirtualMachines come true: their disks, and one VirtualMachineInstance while they are to run. */
export function virtualMachineController(deps: MachineControllerDeps): Controller {
  const { context, clock } = deps
  const { client, cacheOf } = context
  const machines = cacheOf(virtualMachine)
  const instances = indexInstances(cacheOf(virtualMachineInstance))
  const scope: Scope = {
    ...deps,
    writer: createObjectWriter({
      client,
      clock,
      kind: virtualMachine,
      finalizer: 'kubevirt.io/virtualMachineControllerFinalize',
    }),
  }
  machines.addIndex('claim', (machine) => claimsOf(machine).map(({ namespace, name }) => `${namespace}/${name}`))
  const usersOf = ({ metadata }: KubernetesObject): readonly Request[] =>
    machines.byIndex('claim', `${metadata.namespace ?? ''}/${metadata.name}`).map(requestOf)

  return {
    name: 'virtualmachine',
    kind: virtualMachine,
    watches: [
      defineWatch({ kind: virtualMachineInstance, map: toOwner(virtualMachine) }),
      // An instance of the same name that is somebody else's stands in the way.
      defineWatch({ kind: virtualMachineInstance, map: (instance) => [requestOf(instance)] }),
      defineWatch({ kind: dataVolume, map: usersOf }),
      defineWatch({ kind: persistentVolumeClaim, map: usersOf }),
      defineWatch({ kind: node, map: ({ metadata }) => instances.onHost(metadata.name).flatMap(toOwner(virtualMachine)) }),
    ],
    reconcile: async (key, signal) => {
      const machine = machines.get(key)
      if (machine === undefined) return wait
      if (machine.metadata.deletionTimestamp !== undefined) return clearAway(scope, machine, signal)
      if (await scope.writer.ensureFinalizer(machine, signal)) return wait
      const refused = await disksRefused(context, machine, signal)
      const view = viewOf(deps, machine)
      const action = refused ?? decide(view)
      // What is seen is on record before it is acted on: a failed instance is counted, then deleted. The write wakes us again.
      if (await scope.writer.patchStatus(machine, { conditions: [], status: machineStatus(view, action) }, signal)) return wait
      return refused === undefined ? act(scope, view, action) : tryAgain
    },
  }
}

/** Makes the disks that are missing; what the API has against one of them, to be told. @throws what passes by itself */
async function disksRefused(context: ManagerContext, machine: VirtualMachine, signal: AbortSignal): Promise<Action | undefined> {
  try {
    await ensureDisks(context, machine, signal)
    return undefined
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { kind: 'Blocked', reason: 'FailedCreate', message: error.message }
  }
}

const requestOf = ({ metadata }: KubernetesObject): Request => ({ namespace: metadata.namespace ?? '', name: metadata.name })

function viewOf({ context: { cacheOf }, clock }: MachineControllerDeps, machine: VirtualMachine): MachineView {
  const found = cacheOf(virtualMachineInstance).get(machine.metadata)
  const isOwn = found?.metadata.ownerReferences?.some(({ uid }) => uid === machine.metadata.uid) === true
  const instance = isOwn ? found : undefined
  const nodeName = instance?.status?.nodeName
  const host = nodeName === undefined ? undefined : cacheOf(node).get({ name: nodeName })
  return {
    machine,
    instance,
    isNameTaken: found !== undefined && !isOwn,
    disks: disksStateOf(machine, {
      dataVolume: (key) => cacheOf(dataVolume).get(key),
      claim: (key) => cacheOf(persistentVolumeClaim).get(key),
    }),
    isHostLost: nodeName !== undefined && !isConditionTrue(host?.status?.conditions, 'Ready'),
    now: clock.now(),
  }
}

async function act(scope: Scope, view: MachineView, action: Action): Promise<Next> {
  const { clock } = scope
  switch (action.kind) {
    case 'None':
      return view.disks.kind === 'Provisioning' ? lookAgain : wait
    case 'Blocked':
      return wait
    case 'WaitUntil': {
      const seconds = Math.max(1, (action.millis - clock.now()) / 1000)
      return { kind: 'PollAfter', seconds, reason: 'the machine failed and starts again after a while' }
    }
    case 'Create':
      await attempt(scope, view.machine, { reason: 'FailedCreate', work: () => createInstance(scope, view.machine) })
      return lookAgain
    case 'Delete':
      await attempt(scope, view.machine, { reason: 'FailedDelete', work: () => deleteInstance(scope, view) })
      return wait
  }
}

/** Does `work`; what keeps it from being done is the condition `Failure`, and it is tried again. */
async function attempt(
  { writer, clock }: Scope,
  machine: VirtualMachine,
  { reason, work }: { readonly reason: string; readonly work: () => Promise<void> },
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (isRefusal(error)) {
      const failure = { type: 'Failure', status: 'True' as const, reason, message: error.message }
      const conditions = setConditions(machine.status?.conditions, [failure], formatTime(clock.now()))
      await writer.patchStatus(machine, { conditions: [], status: { conditions } })
    }
    throw error
  }
}

async function createInstance({ context: { client }, events }: Scope, machine: VirtualMachine): Promise<void> {
  try {
    await client.create(virtualMachineInstance, instanceOf(machine))
  } catch (error) {
    // Ours, if an earlier answer was lost; else the next look finds the name taken.
    if (isWeirError(error, 'API_ALREADY_EXISTS')) return
    throw error
  }
  events.record(machine, {
    type: 'Normal',
    reason: 'SuccessfulCreate',
    message: `Started the virtual machine by creating the new virtual machine instance ${machine.metadata.name}`,
  })
}

async function deleteInstance({ context: { client }, events }: Scope, { machine, instance }: MachineView): Promise<void> {
  if (instance === undefined || instance.metadata.deletionTimestamp !== undefined) return
  const { uid } = instance.metadata
  try {
    await client.delete(virtualMachineInstance, instance.metadata, uid === undefined ? {} : { uid })
  } catch (error) {
    if (isWeirError(error, 'API_NOT_FOUND')) return
    throw error
  }
  events.record(machine, {
    type: 'Normal',
    reason: 'SuccessfulDelete',
    message: `Stopped the virtual machine by deleting the virtual machine instance ${machine.metadata.name}`,
  })
}

/** Deletion: the guest first, then the object, which takes its disks along. Orphaning leaves the instance alone. */
async function clearAway(scope: Scope, machine: VirtualMachine, signal: AbortSignal): Promise<Next> {
  const { writer } = scope
  const view = viewOf(scope, machine)
  const isOrphaning = machine.metadata.finalizers?.includes('orphan') === true
  if (view.instance !== undefined && !isOrphaning) {
    await writer.patchStatus(machine, { conditions: [], status: machineStatus(view, { kind: 'Delete' }) }, signal)
    await deleteInstance(scope, view)
    return wait
  }
  await writer.removeFinalizer(machine, signal)
  return wait
}

import {
  type VirtualMachine,
  virtualMachine,
  type VirtualMachineInstance,
  virtualMachineInstance,
  type VirtualMachineStatus,
} from '@weir/api'
import { isWeirError, WeirError } from '@weir/base'
import type { Client, ObjectKey } from '@weir/client'
import type { Machines } from '../machine/machine.ts'
import { isFinal, strategyOf } from '../virtual-machine/desired.ts'

/** What the verbs work on. */
export interface VerbDeps {
  readonly client: Client
  readonly machines: Machines
}

/** A verb of `subresources.kubevirt.io`: `body` is what came with the request. @throws API_CONFLICT if the state does not allow it. */
export type Verb = (deps: VerbDeps, key: ObjectKey, body: Readonly<Record<string, unknown>>) => Promise<void>

const conflict = (message: string): WeirError => new WeirError('API_CONFLICT', message)

async function instanceOf({ client }: VerbDeps, key: ObjectKey): Promise<VirtualMachineInstance | undefined> {
  const found = await client.get(virtualMachineInstance, key).catch((error: unknown) => {
    if (isWeirError(error, 'API_NOT_FOUND')) return undefined
    throw error
  })
  return found
}

const setStrategy = async ({ client }: VerbDeps, machine: VirtualMachine, runStrategy: string): Promise<void> => {
  const { running: _, ...spec } = machine.spec
  await client.update(virtualMachine, { ...machine, spec: { ...spec, runStrategy: runStrategy as 'Always' } })
}

const request = async (
  { client }: VerbDeps,
  machine: VirtualMachine,
  requests: NonNullable<VirtualMachineStatus['stateChangeRequests']>,
): Promise<void> => {
  await client.updateStatus(virtualMachine, { ...machine, status: { ...machine.status, stateChangeRequests: requests } })
}

/** Starts the machine: turns Halted into Always, asks the controller for a start otherwise. */
export const start: Verb = async (deps, key) => {
  const machine = await deps.client.get(virtualMachine, key)
  const instance = await instanceOf(deps, key)
  if (instance !== undefined && !isFinal(instance))
    throw conflict(`Operation cannot be fulfilled on virtualmachine.kubevirt.io "${key.name}": VM is already running`)
  const strategy = strategyOf(machine)
  if (strategy === 'Halted') return setStrategy(deps, machine, 'Always')
  if (strategy === 'Always') throw conflict(`"${key.name}": Always does not support manual start requests`)
  const stop =
    instance === undefined
      ? []
      : [{ action: 'Stop' as const, ...(instance.metadata.uid === undefined ? {} : { uid: instance.metadata.uid }) }]
  return request(deps, machine, [...stop, { action: 'Start' }])
}

/** Stops the machine: Always and RerunOnFailure become Halted. `gracePeriod` 0 in the body pulls the plug. */
export const stop: Verb = async (deps, key, body) => {
  const machine = await deps.client.get(virtualMachine, key)
  const instance = await instanceOf(deps, key)
  const strategy = strategyOf(machine)
  if (strategy === 'Halted' && instance === undefined)
    throw conflict(`Operation cannot be fulfilled on virtualmachine.kubevirt.io "${key.name}": VM is not running`)
  if (instance !== undefined) await shortenGrace(deps, instance, body['gracePeriod'])
  if (strategy === 'Always' || strategy === 'RerunOnFailure' || strategy === 'Halted') return setStrategy(deps, machine, 'Halted')
  if (instance === undefined || isFinal(instance))
    throw conflict(`Operation cannot be fulfilled on virtualmachine.kubevirt.io "${key.name}": VM is not running`)
  return request(deps, machine, [
    { action: 'Stop', ...(instance.metadata.uid === undefined ? {} : { uid: instance.metadata.uid }) },
  ])
}

/** Ends this life of the machine and begins another. */
export const restart: Verb = async (deps, key, body) => {
  const machine = await deps.client.get(virtualMachine, key)
  const instance = await instanceOf(deps, key)
  if (strategyOf(machine) === 'Halted') throw conflict(`"${key.name}": Halted does not support manual restart requests`)
  if (instance === undefined)
    throw conflict(`Operation cannot be fulfilled on virtualmachine.kubevirt.io "${key.name}": VM is not running`)
  await shortenGrace(deps, instance, body['gracePeriodSeconds'] ?? body['gracePeriod'])
  const uid = instance.metadata.uid === undefined ? {} : { uid: instance.metadata.uid }
  return request(deps, machine, [{ action: 'Stop', ...uid }, { action: 'Start' }])
}

async function shortenGrace({ client }: VerbDeps, instance: VirtualMachineInstance, seconds: unknown): Promise<void> {
  if (seconds === undefined) return
  if (!Number.isInteger(seconds) || Number(seconds) < 0) {
    throw new WeirError('API_INVALID', '`gracePeriod` must be a whole number of seconds', {
      causes: [{ field: 'gracePeriod', message: 'must be a whole number of seconds' }],
    })
  }
  await client.patch(virtualMachineInstance, instance.metadata, {
    type: 'merge',
    body: { spec: { terminationGracePeriodSeconds: seconds } },
  })
}

async function running(deps: VerbDeps, key: ObjectKey): Promise<string> {
  const instance = await deps.client.get(virtualMachineInstance, key)
  const id = instance.metadata.uid ?? ''
  const state = deps.machines.state(id)
  if (state === undefined || state.phase === 'Exited')
    throw conflict(`Operation cannot be fulfilled on virtualmachineinstance.kubevirt.io "${key.name}": VMI is not running`)
  return id
}

/** Stops the guest's CPUs. */
export const pause: Verb = async (deps, key) => {
  const id = await running(deps, key)
  if (deps.machines.state(id)?.phase === 'Paused')
    throw conflict(`Operation cannot be fulfilled on virtualmachineinstance.kubevirt.io "${key.name}": VMI is already paused`)
  await deps.machines.pause(id)
}

/** Lets the guest's CPUs run again. */
export const unpause: Verb = async (deps, key) => {
  const id = await running(deps, key)
  if (deps.machines.state(id)?.phase !== 'Paused')
    throw conflict(`Operation cannot be fulfilled on virtualmachineinstance.kubevirt.io "${key.name}": VMI is not paused`)
  await deps.machines.unpause(id)
}

/** The id of the machine that a console or VNC connection goes to. */
export const runningMachine = running

import {
  type RunStrategy,
  type VirtualMachine,
  virtualMachine,
  type VirtualMachineInstance,
  virtualMachineInstance,
  type VirtualMachineStatus,
} from '@weir/api'
import { isWeirError, WeirError } from '@weir/base'
import type { Client, ObjectKey } from '@weir/client'
import type { Machines } from '../machine/machine.ts'
import { isFinal } from '../virtual-machine-instance/observe.ts'
import { strategyOf } from '../virtual-machine/machine-view.ts'

/** What the verbs work on. */
export interface VerbDeps {
  readonly client: Client
  readonly machines: Machines
}

type Body = Readonly<Record<string, unknown>>

/**
 * A verb of `subresources.kubevirt.io`: `body` is what came with the request; with `dryRun: [All]` it only says whether it
 * would be done. @throws MACHINE_STATE if the state does not allow it.
 */
export type Verb = (deps: VerbDeps, key: ObjectKey, body: Body) => Promise<void>

type Requests = NonNullable<VirtualMachineStatus['stateChangeRequests']>

/** A machine, its instance, and the way to refuse. */
interface Subject {
  readonly machine: VirtualMachine
  readonly instance: VirtualMachineInstance | undefined
  readonly strategy: RunStrategy
  readonly refuse: (why: string) => WeirError
}

const isDryRun = ({ dryRun }: Body): boolean => Array.isArray(dryRun) && dryRun.includes('All')

const conflict = (resource: string, name: string, why: string): WeirError =>
  new WeirError('MACHINE_STATE', `Operation cannot be fulfilled on ${resource}.kubevirt.io "${name}": ${why}`)

async function subjectOf({ client }: VerbDeps, key: ObjectKey): Promise<Subject> {
  const machine = await client.get(virtualMachine, key)
  const instance = await client.get(virtualMachineInstance, key).catch((error: unknown) => {
    if (isWeirError(error, 'API_NOT_FOUND')) return undefined
    throw error
  })
  return { machine, instance, strategy: strategyOf(machine), refuse: (why) => conflict('virtualmachine', key.name, why) }
}

/** How often a verb looks anew. */
const attempts = 8

/** A verb that decides anew when somebody else wrote between its look and its write: controllers write the status at any time. */
const decidedAnew =
  (verb: Verb): Verb =>
  async (deps, key, body) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await verb(deps, key, body)
      } catch (error) {
        if (!isWeirError(error, 'API_CONFLICT') || attempt === attempts) throw error
      }
    }
  }

/** Starts the machine: turns Halted into Always, asks the controller for a start under Manual and RerunOnFailure. */
export const start: Verb = decidedAnew(async (deps, key, body) => {
  const subject = await subjectOf(deps, key)
  const { machine, instance, strategy, refuse } = subject
  if (instance !== undefined && !isFinal(instance)) throw refuse('VM is already running')
  switch (strategy) {
    case 'Always':
    case 'Once':
      throw refuse(`${strategy} does not support manual start requests`)
    case 'Halted':
      return isDryRun(body) ? undefined : setRunning(deps, machine, true)
    case 'RerunOnFailure':
      if (instance?.status?.phase === 'Failed') throw refuse(`${strategy} does not support starting VM from failed state`)
      break
    case 'Manual':
      break
  }
  assertIdle(subject)
  const stops: Requests = instance === undefined ? [] : [stopOf(instance)]
  return isDryRun(body) ? undefined : request(deps, machine, [...stops, { action: 'Start' }])
})

/** Stops the machine: Always and Once become Halted, under Manual and RerunOnFailure its instance ends. `gracePeriod` 0 pulls the plug. */
export const stop: Verb = decidedAnew(async (deps, key, body) => {
  const { machine, instance, strategy, refuse } = await subjectOf(deps, key)
  const graceSeconds = secondsOf(body, 'gracePeriod')
  const isAlive = instance !== undefined && !isFinal(instance)
  switch (strategy) {
    case 'Always':
    case 'Once':
      if (isDryRun(body)) return
      await setRunning(deps, machine, false)
      break
    case 'Halted': {
      if (!isAlive) throw refuse('VM is not running')
      const before = instance.spec.terminationGracePeriodSeconds
      if (graceSeconds === undefined || (before !== undefined && graceSeconds >= before))
        throw refuse('Halted only supports manual stop requests with a shorter graceperiod')
      if (isDryRun(body)) return
      break
    }
    case 'Manual':
    case 'RerunOnFailure':
      if (!isAlive) throw refuse('VM is not running')
      if (isDryRun(body)) return
      await request(deps, machine, [stopOf(instance)])
      break
  }
  if (isAlive) await shortenGrace(deps, instance, graceSeconds)
})

/** Ends this life of the machine and begins another. */
export const restart: Verb = decidedAnew(async (deps, key, body) => {
  const subject = await subjectOf(deps, key)
  const { machine, instance, strategy, refuse } = subject
  const graceSeconds = secondsOf(body, 'gracePeriodSeconds') ?? secondsOf(body, 'gracePeriod')
  if (strategy === 'Halted' || strategy === 'Once') throw refuse(`${strategy} does not support manual restart requests`)
  if (instance === undefined) throw refuse('VM is not running')
  assertIdle(subject)
  if (isDryRun(body)) return
  await request(deps, machine, [stopOf(instance), { action: 'Start' }])
  await shortenGrace(deps, instance, graceSeconds)
})

/** What was asked before and is not done yet must not be forgotten for something new. */
function assertIdle({ machine, refuse }: Subject): void {
  if ((machine.status?.stateChangeRequests ?? []).length > 0)
    throw refuse('unable to complete request: stop/start already underway')
}

const stopOf = ({ metadata: { uid } }: VirtualMachineInstance): Requests[number] => ({
  action: 'Stop',
  ...(uid === undefined ? {} : { uid }),
})

/** In the words the machine uses: `spec.running` where it is set, else `spec.runStrategy`. Built on what was read. */
async function setRunning({ client }: VerbDeps, machine: VirtualMachine, isWanted: boolean): Promise<void> {
  const wanted = machine.spec.running === undefined ? { runStrategy: isWanted ? 'Always' : 'Halted' } : { running: isWanted }
  const { resourceVersion } = machine.metadata
  const metadata = resourceVersion === undefined ? {} : { resourceVersion }
  await client.patch(virtualMachine, machine.metadata, { type: 'merge', body: { metadata, spec: wanted } })
}

async function request({ client }: VerbDeps, machine: VirtualMachine, requests: Requests): Promise<void> {
  await client.updateStatus(virtualMachine, { ...machine, status: { ...machine.status, stateChangeRequests: requests } })
}

function secondsOf(body: Body, field: string): number | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
  throw new WeirError('API_INVALID', `\`${field}\` must be a whole number of seconds`, {
    causes: [{ field, message: 'must be a whole number of seconds' }],
  })
}

async function shortenGrace(
  { client }: VerbDeps,
  { metadata }: VirtualMachineInstance,
  seconds: number | undefined,
): Promise<void> {
  if (seconds === undefined) return
  const body = { metadata: { uid: metadata.uid }, spec: { terminationGracePeriodSeconds: seconds } }
  await client.patch(virtualMachineInstance, metadata, { type: 'merge', body }).catch((error: unknown) => {
    // Gone already, or replaced by another life: there is nothing to hurry.
    if (!isWeirError(error, 'API_NOT_FOUND') && !isWeirError(error, 'API_CONFLICT')) throw error
  })
}

/** The id of the machine behind an instance, for verbs and conversations that need a running guest. @throws MACHINE_STATE */
export async function runningMachine({ client, machines }: VerbDeps, key: ObjectKey): Promise<string> {
  const instance = await client.get(virtualMachineInstance, key)
  const id = instance.metadata.uid ?? ''
  const state = machines.state(id)
  if (state === undefined || state.phase === 'Exited') throw conflict('virtualmachineinstance', key.name, 'VMI is not running')
  return id
}

/** Stops the guest's CPUs. */
export const pause: Verb = async (deps, key, body) => {
  const id = await runningMachine(deps, key)
  if (deps.machines.state(id)?.phase === 'Paused') throw conflict('virtualmachineinstance', key.name, 'VMI is already paused')
  if (!isDryRun(body)) await deps.machines.pause(id)
}

/** Lets the guest's CPUs run again. */
export const unpause: Verb = async (deps, key, body) => {
  const id = await runningMachine(deps, key)
  if (deps.machines.state(id)?.phase !== 'Paused') throw conflict('virtualmachineinstance', key.name, 'VMI is not paused')
  if (!isDryRun(body)) await deps.machines.unpause(id)
}

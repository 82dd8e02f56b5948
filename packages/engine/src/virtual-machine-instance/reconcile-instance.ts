import {
  type Node,
  node,
  persistentVolumeClaim,
  secret,
  type VirtualMachineInstance,
  virtualMachineInstance,
  type VirtualMachineInstanceStatus,
} from '@weir/api'
import { type Clock, isWeirError } from '@weir/base'
import {
  type Controller,
  createObjectWriter,
  defineWatch,
  type EventRecorder,
  type ManagerContext,
  type Next,
  type Request,
} from '@weir/runtime'
import type { Machines, MachineSpec } from '../machine/machine.ts'
import { type Demand, firstFit, type Placed } from '../placement/first-fit.ts'
import type { Volumes } from '../volume/volumes.ts'
import { claimNameOf, type InstanceSpec } from './instance-spec.ts'
import { emptyDisksOf, macOf, toMachineSpec, topologyOf } from './machine-spec.ts'
import { memoryQuantityOf } from './check-spec.ts'
import { inPhase, notRunning, type Observation, ofMachine } from './observe.ts'
import { allocatePorts, forwardsOf } from './ports.ts'
import { parseBytes } from '@weir/base'

export interface InstanceDeps {
  readonly context: ManagerContext
  readonly clock: Clock
  readonly events: EventRecorder
  readonly volumes: Volumes
  readonly machines: Machines
  /** True for the Nodes of this machine. */
  readonly isOurs: (nodeName: string) => boolean
}

type Seen = Observation & { readonly next: Next }

const wait: Next = { kind: 'Wait' }
const defaultGraceSeconds = 30
/** A guest that is still booting does not hear the first request. */
const repeatMillis = 5000

/** The node agent: places instances, runs their machines, tells how they are, and takes them away without a trace. */
export function instanceController(deps: InstanceDeps): Controller {
  const { context, clock, machines, events } = deps
  const { client, cacheOf } = context
  const instances = cacheOf(virtualMachineInstance)
  const writer = createObjectWriter({
    client,
    clock,
    kind: virtualMachineInstance,
    finalizer: 'weir.dev/machine',
  })
  // The moments at which guests were asked to power off; a restart of this process asks again.
  const asked = new Map<string, number>()

  const reconcile = async ({ namespace, name }: Request, signal: AbortSignal): Promise<Next> => {
    const instance = instances.get({ namespace, name })
    if (instance === undefined) return wait
    if (instance.metadata.deletionTimestamp !== undefined) {
      const next = await shutDown(deps, instance, asked)
      if (next === undefined) await writer.removeFinalizer(instance, signal)
      return next ?? wait
    }
    if (await writer.ensureFinalizer(instance, signal)) return wait
    const seen = await follow(deps, instance, signal)
    if (seen.status.phase !== instance.status?.phase) note(events, instance, seen)
    await writer.patchStatus(instance, { conditions: seen.conditions, status: seen.status })
    return seen.next
  }
  return {
    name: 'virtualmachineinstance',
    kind: virtualMachineInstance,
    concurrency: 16,
    watches: [
      defineWatch({
        kind: node,
        map: () =>
          instances
            .list()
            .filter(({ status }) => status?.nodeName === undefined)
            .map(keyOf),
      }),
      defineWatch({
        kind: persistentVolumeClaim,
        map: ({ metadata }) =>
          instances
            .list(metadata.namespace)
            .filter(({ spec }) => (spec.volumes ?? []).some((volume) => claimNameOf(volume) === metadata.name))
            .map(keyOf),
      }),
    ],
    sources: [
      (wake) =>
        machines.onChange((id) => {
          const instance = instances.list().find(({ metadata }) => metadata.uid === id)
          if (instance !== undefined) wake(keyOf(instance))
        }),
    ],
    reconcile,
  }
}

const keyOf = ({ metadata }: VirtualMachineInstance): Request => ({ namespace: metadata.namespace ?? '', name: metadata.name })

function note(events: EventRecorder, instance: VirtualMachineInstance, { status, conditions }: Seen): void {
  const why = conditions.find(({ message }) => message !== '')?.message ?? ''
  if (status.phase === 'Running')
    events.record(instance, {
      type: 'Normal',
      reason: 'Started',
      message: `VirtualMachineInstance started on ${status.nodeName ?? instance.status?.nodeName ?? ''}`,
    })
  if (status.phase === 'Succeeded') events.record(instance, { type: 'Normal', reason: 'ShuttingDown', message: why })
  if (status.phase === 'Failed') events.record(instance, { type: 'Warning', reason: 'Stopped', message: why })
}

/** One look at an instance that is wanted: it is placed, then started, then watched. */
async function follow(deps: InstanceDeps, instance: VirtualMachineInstance, signal: AbortSignal): Promise<Seen> {
  const { phase, nodeName } = instance.status ?? {}
  if (phase === 'Succeeded' || phase === 'Failed') {
    await deps.machines.remove(instance.metadata.uid ?? '')
    return { conditions: [], status: {}, next: wait }
  }
  if (nodeName === undefined) return place(deps, instance)
  if (!deps.isOurs(nodeName)) return { conditions: [], status: {}, next: wait }
  return run(deps, instance, signal)
}

/** The spec as machines read it: quantities may be numbers in JSON. */
const specOf = ({ spec }: VirtualMachineInstance): InstanceSpec =>
  JSON.parse(JSON.stringify(spec), (key, value: unknown) =>
    ['memory', 'cpu'].includes(key) && typeof value === 'number' ? String(value) : value,
  ) as InstanceSpec

function demandOf(instance: VirtualMachineInstance): Demand {
  const spec = specOf(instance)
  const memory = memoryQuantityOf(spec)
  const { sockets, cores, threads } = topologyOf(spec)
  return {
    memoryBytes: memory === undefined ? 0 : parseBytes(memory.text, memory.field),
    cpuMillis: sockets * cores * threads * 1000,
    nodeSelector: instance.spec.nodeSelector ?? {},
  }
}

function place({ context, clock }: InstanceDeps, instance: VirtualMachineInstance): Seen {
  const others = context.cacheOf(virtualMachineInstance).list()
  const placed: readonly Placed[] = others.flatMap((other) => {
    const { nodeName, phase } = other.status ?? {}
    return nodeName === undefined || phase === 'Succeeded' || phase === 'Failed' ? [] : [{ ...demandOf(other), nodeName }]
  })
  const found = firstFit(demandOf(instance), context.cacheOf<Node>(node).list(), placed)
  if (found.kind === 'Refused') {
    return {
      conditions: [
        ...notRunning({ reason: 'Unschedulable', message: found.message }),
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: found.message },
      ],
      status: inPhase(instance, 'Scheduling', clock.now()),
      next: { kind: 'PollAfter', seconds: 5, reason: 'no host has room' },
    }
  }
  return {
    conditions: [{ type: 'PodScheduled', status: 'True', reason: 'Scheduled', message: '' }],
    status: { ...inPhase(instance, 'Scheduled', clock.now()), nodeName: found.nodeName },
    next: wait,
  }
}

async function run(deps: InstanceDeps, instance: VirtualMachineInstance, signal: AbortSignal): Promise<Seen> {
  const { machines, clock, context } = deps
  const id = instance.metadata.uid ?? ''
  if (machines.state(id) === undefined) {
    const interfaces = await allocatePorts(instance, context.cacheOf(virtualMachineInstance).list())
    // Ports are kept before they are used: a crash in between must not change them.
    if (JSON.stringify(interfaces) !== JSON.stringify(instance.status?.interfaces ?? []))
      return { conditions: [], status: { interfaces }, next: wait }
    const failure = await start(deps, instance, signal)
    if (failure !== undefined) return failure
  }
  const state = machines.state(id)
  if (state === undefined) return { conditions: notRunning({ reason: 'MachineMissing' }), status: {}, next: wait }
  const seen = ofMachine(instance, state, clock.now())
  const guest = state.phase === 'Running' && state.guestAgentConnected ? await guestStatus(deps, instance) : {}
  const next: Next =
    state.phase === 'Exited' ? wait : { kind: 'PollAfter', seconds: 15, reason: 'the guest agent tells nothing by itself' }
  return { conditions: seen.conditions, status: { ...seen.status, ...guest }, next }
}

/** Starts the machine; what keeps it from starting is a condition, and tried again. */
async function start(deps: InstanceDeps, instance: VirtualMachineInstance, signal: AbortSignal): Promise<Seen | undefined> {
  try {
    const spec = await machineSpec(deps, instance)
    const claims = (instance.spec.volumes ?? []).flatMap((volume) => claimNameOf(volume) ?? [])
    const ids = claims.map(
      (name) =>
        deps.context.cacheOf(persistentVolumeClaim).get({ namespace: instance.metadata.namespace ?? '', name })?.metadata.uid ??
        '',
    )
    await deps.volumes.exclusive(ids, async () => deps.machines.ensure(spec, signal))
    return undefined
  } catch (error) {
    if (!isWeirError(error) || signal.aborted) throw error
    const isMissing = error.code === 'MACHINE_DATA_MISSING'
    const reason = isMissing ? 'PvcNotFound' : error.family === 'Input' ? 'InvalidSpec' : 'StartFailed'
    const phase = error.family === 'Input' || isMissing ? 'Scheduled' : 'Failed'
    return {
      conditions: notRunning({ reason, message: error.message }),
      status: inPhase(instance, phase, deps.clock.now()),
      next: isMissing ? { kind: 'PollAfter', seconds: 2, reason: 'a disk of the machine is not there yet' } : wait,
    }
  }
}

async function machineSpec({ context, volumes }: InstanceDeps, instance: VirtualMachineInstance): Promise<MachineSpec> {
  const { uid = '', namespace = '', name } = instance.metadata
  const spec = specOf(instance)
  const images = new Map<string, { readonly path: string; readonly format: 'raw' | 'qcow2' }>()
  for (const volume of spec.volumes ?? []) {
    const claim = claimNameOf(volume)
    const found =
      claim === undefined
        ? undefined
        : await volumes.find(context.cacheOf(persistentVolumeClaim).get({ namespace, name: claim })?.metadata.uid ?? 'none')
    if (found !== undefined) images.set(volume.name, { path: found.path, format: found.format })
  }
  for (const empty of emptyDisksOf(spec.volumes ?? [])) {
    const disk = await volumes.ensureBlank(emptyDiskId(uid, empty.name), empty.sizeBytes)
    images.set(empty.name, { path: disk.path, format: disk.format })
  }
  const secretName = spec.volumes?.find(({ cloudInitNoCloud }) => cloudInitNoCloud?.secretRef !== undefined)?.cloudInitNoCloud
    ?.secretRef?.name
  const userData = secretName === undefined ? undefined : await userDataOf(context, { namespace, name: secretName })
  return toMachineSpec({
    uid,
    namespace,
    name,
    spec,
    images,
    forwards: forwardsOf(instance.status?.interfaces ?? []),
    ...(userData === undefined ? {} : { secretUserData: userData }),
  })
}

/** Read when needed, never cached: no Secret stays in the memory of the node agent. */
async function userDataOf(
  { client }: ManagerContext,
  key: { readonly namespace: string; readonly name: string },
): Promise<string | undefined> {
  const found = await client.get(secret, key).catch((error: unknown) => {
    if (isWeirError(error, 'API_NOT_FOUND')) return undefined
    throw error
  })
  const encoded = found?.data?.['userdata'] ?? found?.data?.['userData']
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8')
}

const emptyDiskId = (uid: string, name: string): string => `${uid}-${name}`.slice(0, 64)

/** What the guest agent says; nothing if it does not answer. */
async function guestStatus({ machines }: InstanceDeps, instance: VirtualMachineInstance): Promise<VirtualMachineInstanceStatus> {
  const uid = instance.metadata.uid ?? ''
  const info = await machines.guestInfo(uid).catch(() => undefined)
  if (info === undefined) return {}
  const addresses = info.addresses.filter((address) => !address.startsWith('127.') && address !== '::1')
  const [first, ...rest] = instance.status?.interfaces ?? []
  const own =
    first === undefined
      ? []
      : [
          {
            ...first,
            ...(addresses[0] === undefined ? {} : { ipAddress: addresses[0], ipAddresses: addresses }),
            mac: instance.spec.domain.devices.interfaces?.[0]?.macAddress ?? macOf(uid, first.name ?? ''),
            infoSource: 'domain, guest-agent',
          },
        ]
  return { interfaces: [...own, ...rest], ...(info.osName === undefined ? {} : { guestOSInfo: { name: info.osName } }) }
}

/** Ends the machine and what belongs to it alone; undefined when nothing is left. The guest gets its grace period to power off. */
async function shutDown(
  { machines, volumes, clock }: InstanceDeps,
  instance: VirtualMachineInstance,
  asked: Map<string, number>,
): Promise<Next | undefined> {
  const id = instance.metadata.uid ?? ''
  const state = machines.state(id)
  if (state !== undefined && state.phase !== 'Exited') {
    const graceSeconds = instance.spec.terminationGracePeriodSeconds ?? defaultGraceSeconds
    const begun = Date.parse(instance.metadata.deletionTimestamp ?? '')
    const remaining = (begun + graceSeconds * 1000 - clock.now()) / 1000
    if (remaining > 0) {
      if (clock.now() - (asked.get(id) ?? 0) >= repeatMillis) {
        asked.set(id, clock.now())
        if (state.phase === 'Paused') await machines.unpause(id)
        await machines.powerDown(id)
      }
      return { kind: 'PollAfter', seconds: Math.min(remaining, 5), reason: 'the guest may take its grace period to power off' }
    }
    await machines.kill(id)
  }
  asked.delete(id)
  await machines.remove(id)
  for (const { name } of emptyDisksOf(specOf(instance).volumes ?? [])) await volumes.remove(emptyDiskId(id, name))
  return undefined
}

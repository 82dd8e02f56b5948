import {
  dataVolume,
  node,
  persistentVolume,
  persistentVolumeClaim,
  type RunStrategy,
  type VirtualMachine,
  virtualMachine,
  type VirtualMachineInstance,
  virtualMachineInstance,
} from '@weir/api'
import { parseBytes, parseCpuMillis } from '@weir/base'
import { demandOf } from '../placement/demand.ts'
import { firstFit, type Room } from '../placement/first-fit.ts'
import { claimNameOf } from '../virtual-machine-instance/instance-spec.ts'
import { isFinal } from '../virtual-machine-instance/observe.ts'
import { strategyOf } from '../virtual-machine/machine-view.ts'
import type { EngineWorld } from './world.fixture.ts'

/** What the machines of each host take, as the API has it now. */
function takenOf(instances: readonly VirtualMachineInstance[]): (nodeName: string) => Room {
  return (nodeName) =>
    instances
      .filter((instance) => instance.status?.nodeName === nodeName && !isFinal(instance))
      .map(demandOf)
      .reduce<Room>(
        (sum, { memoryBytes, cpuMillis }) => ({
          memoryBytes: sum.memoryBytes + memoryBytes,
          cpuMillis: sum.cpuMillis + cpuMillis,
        }),
        { memoryBytes: 0, cpuMillis: 0 },
      )
}

/** What must hold at every moment, whatever happened; each breach in words. */
export async function safetyBreaches(world: EngineWorld): Promise<readonly string[]> {
  const breaches = [...world.violations]
  const instances = await world.list(virtualMachineInstance)
  const taken = takenOf(instances)
  for (const { metadata, status } of await world.list(node)) {
    const { memoryBytes, cpuMillis } = taken(metadata.name)
    if (memoryBytes > parseBytes(status?.allocatable?.['memory'] ?? '0', 'memory'))
      breaches.push(`${metadata.name} has too many machines`)
    if (cpuMillis > parseCpuMillis(status?.allocatable?.['cpu'] ?? '0', 'cpu'))
      breaches.push(`${metadata.name} has too many CPUs`)
  }
  const claims = await world.list(persistentVolumeClaim)
  const ids = new Set(world.disk.ids())
  for (const { metadata, status } of await world.list(dataVolume)) {
    const claim = claims.find(({ metadata: { name } }) => name === metadata.name)
    if (status?.phase === 'Succeeded' && claim !== undefined && claim.metadata.deletionTimestamp === undefined) {
      const isOwn = claim.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) === true
      if (isOwn && !ids.has(claim.metadata.uid ?? '') && metadata.deletionTimestamp === undefined)
        breaches.push(`${metadata.name} is said to be complete and has no image`)
    }
  }
  return breaches
}

/** What must hold in a world at rest besides; each breach in words. */
export async function restBreaches(world: EngineWorld): Promise<readonly string[]> {
  return [
    ...(await safetyBreaches(world)),
    ...(await machineBreaches(world)),
    ...(await instanceBreaches(world)),
    ...(await diskBreaches(world)),
  ]
}

/** A VirtualMachine with its instance, and what it is called. */
interface MachineCase {
  readonly machine: VirtualMachine
  readonly instance: VirtualMachineInstance | undefined
  readonly strategy: RunStrategy
  readonly word: string
}

/** True where a claim or a disk keeps the machine from starting. */
const isBlocked = ({ word }: MachineCase): boolean => ['ErrorPvcNotFound', 'DataVolumeError'].includes(word)

/** What is said of a VirtualMachine that breaks a law, and whether it does. */
const machineLaws: readonly (readonly [breach: string, breaks: (of: MachineCase) => boolean])[] = [
  ['is not gone', ({ machine }) => machine.metadata.deletionTimestamp !== undefined],
  ['is halted and has an instance', ({ strategy, instance }) => strategy === 'Halted' && instance !== undefined],
  ['is always to run and has no instance', (of) => of.strategy === 'Always' && of.instance === undefined && !isBlocked(of)],
  ['stays ended', ({ strategy, instance }) => strategy === 'Always' && instance !== undefined && isFinal(instance)],
  [
    'runs and is called otherwise',
    ({ instance, word }) => instance?.status?.phase === 'Running' && !['Running', 'Paused'].includes(word),
  ],
  [
    'has no instance and is called otherwise',
    ({ instance, word }) => instance === undefined && ['Running', 'Paused', 'Stopping'].includes(word),
  ],
  ['does not know whether it has an instance', ({ machine, instance }) => machine.status?.created !== (instance !== undefined)],
  ['has not done what it was asked to', (of) => (of.machine.status?.stateChangeRequests ?? []).length > 0 && !isBlocked(of)],
  [
    'was started and is not what its strategy starts once',
    ({ strategy, instance, machine }) => strategy === 'Once' && instance !== undefined && machine.status?.runStrategy !== 'Once',
  ],
]

/** VirtualMachines are as they should be. */
async function machineBreaches(world: EngineWorld): Promise<readonly string[]> {
  const instances = await world.list(virtualMachineInstance)
  const machines = await world.list(virtualMachine)
  return machines.flatMap((machine) => {
    const instance = instances.find(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === machine.metadata.uid))
    const word = machine.status?.printableStatus ?? ''
    const of: MachineCase = { machine, instance, strategy: strategyOf(machine), word }
    return machineLaws.flatMap(([breach, breaks]) => (breaks(of) ? `${machine.metadata.name} (${word}) ${breach}` : []))
  })
}

/** Instances and processes are one to one, and what could run does. */
async function instanceBreaches(world: EngineWorld): Promise<readonly string[]> {
  const breaches: string[] = []
  const instances = await world.list(virtualMachineInstance)
  const nodes = await world.list(node)
  const alive = new Set(world.processes.alive().map(({ id }) => id))
  for (const instance of instances) {
    const { name, uid = '', deletionTimestamp } = instance.metadata
    const { phase, nodeName } = instance.status ?? {}
    if (deletionTimestamp !== undefined) breaches.push(`the instance ${name} is not gone`)
    if ((phase === 'Running') !== alive.has(uid))
      breaches.push(`the instance ${name} is ${phase} and its process is ${alive.has(uid) ? '' : 'not '}there`)
    if (nodeName !== undefined && !nodes.some(({ metadata }) => metadata.name === nodeName))
      breaches.push(`${name} is on no host`)
    if (nodeName !== undefined && phase === 'Scheduled') breaches.push(`${name} was placed and never started`)
    if (nodeName === undefined && firstFit(demandOf(instance), nodes, takenOf(instances)).kind === 'Placed')
      breaches.push(`${name} fits and has no host`)
  }
  for (const id of world.processes.traces())
    if (!instances.some(({ metadata }) => metadata.uid === id)) breaches.push(`nobody owns the process ${id}`)
  return breaches
}

/** Claims, volumes and images are one to one. */
async function diskBreaches(world: EngineWorld): Promise<readonly string[]> {
  const breaches: string[] = []
  const claims = await world.list(persistentVolumeClaim)
  const instances = await world.list(virtualMachineInstance)
  const scratch = instances.flatMap(({ metadata, spec }) =>
    (spec.volumes ?? []).flatMap(({ name, emptyDisk }) => (emptyDisk === undefined ? [] : `${metadata.uid}-${name}`)),
  )
  for (const { metadata, status } of claims) {
    const isUsed = instances.some(({ spec }) => (spec.volumes ?? []).some((volume) => claimNameOf(volume) === metadata.name))
    if (metadata.deletionTimestamp !== undefined && !isUsed) breaches.push(`the claim ${metadata.name} is not gone`)
    if (status?.phase !== 'Bound') breaches.push(`the claim ${metadata.name} is not bound`)
    if (!world.disk.ids().includes(metadata.uid ?? '')) breaches.push(`the claim ${metadata.name} has no image`)
  }
  const owners = new Set([...claims.map(({ metadata }) => metadata.uid ?? ''), ...scratch])
  for (const id of world.disk.ids()) if (!owners.has(id)) breaches.push(`nobody owns the image ${id}`)
  const names = new Set(claims.map(({ metadata }) => `pvc-${metadata.uid}`))
  for (const { metadata } of await world.list(persistentVolume))
    if (!names.delete(metadata.name)) breaches.push(`nobody claims ${metadata.name}`)
  for (const name of names) breaches.push(`there is no ${name}`)
  for (const { metadata } of await world.list(dataVolume))
    if (metadata.deletionTimestamp !== undefined) breaches.push(`the DataVolume ${metadata.name} is not gone`)
  return breaches
}

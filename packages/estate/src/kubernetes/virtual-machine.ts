import type { EstateMachine, MachineDevice, MachineDisk, MachineNic } from '../model/machine.ts'
import { present } from '../model/present.ts'
import type { QuantityReader } from './quantities.ts'
import type { Domain, InstanceSpec, KubevirtInstance, KubevirtMachine } from './objects.ts'
import { idOf, type MachineContext } from './pod-machine.ts'
import type { PodUsage } from './pods.ts'

/** A virtual machine and what runs of it; one of the two may be missing. */
export interface MachinePair {
  readonly machine: KubevirtMachine | undefined
  readonly instance: KubevirtInstance | undefined
}

/** What is asked for: of what runs before what is wanted, because an instance type shows only there. */
const specOf = ({ machine, instance }: MachinePair): InstanceSpec | undefined => instance?.spec ?? machine?.spec?.template?.spec

/** A KubeVirt machine with what its process uses. `folder` is its namespace. */
export function virtualMachine(pair: MachinePair, usage: PodUsage | undefined, context: MachineContext): EstateMachine {
  const { machine, instance } = pair
  const status = instance?.status
  const metadata = machine?.metadata ?? instance?.metadata
  const id = idOf(metadata, `${context.sourceId}/vm`)
  const read = context.quantities(`machine/${id}`)
  const disks = disksOf(pair, read)
  return {
    id,
    sourceId: context.sourceId,
    type: 'VirtualMachine',
    name: metadata?.name ?? id,
    ...present({
      clusterId: context.clusterId,
      hostId: context.hostIdOf(status?.nodeName),
      folder: metadata?.namespace,
      createdTime: metadata?.creationTimestamp,
    }),
    power: instance === undefined ? 'Off' : status?.phase === 'Running' ? 'On' : 'Unknown',
    ...sizeOf(pair, usage, read),
    ...firmwareOf(specOf(pair)?.domain),
    guest: {
      ...present({ reportedOs: status?.guestOSInfo?.prettyName }),
      ipAddresses: status?.interfaces?.flatMap(({ ipAddresses }) => ipAddresses ?? []) ?? [],
    },
    disks,
    partitions: [],
    nics: nicsOf(pair),
    snapshots: [],
    devices: devicesOf(pair),
    rules: [],
    diskCount: disks.length,
  }
}

function sizeOf(pair: MachinePair, usage: PodUsage | undefined, read: QuantityReader): Pick<EstateMachine, 'cpu' | 'memory'> {
  const domain = specOf(pair)?.domain
  const { cores = 1, sockets = 1, threads = 1 } = domain?.cpu ?? {}
  const requests = domain?.resources?.requests
  const requestMillis = read.cpuMillis(requests)
  const fromRequest = requestMillis === undefined ? undefined : Math.ceil(requestMillis / 1000)
  const guest = domain?.memory?.guest
  return {
    cpu: present({
      count: domain?.cpu === undefined ? fromRequest : cores * sockets * threads,
      coresPerSocket: domain?.cpu?.cores,
      requestMillis,
      usageMillis: usage && Math.round(usage.cpuMillis),
    }),
    memory: present({
      sizeBytes: guest === undefined ? read.bytes(requests) : read.bytes({ memory: guest }),
      consumedBytes: usage && Math.round(usage.memoryBytes),
    }),
  }
}

function firmwareOf(domain: Domain | undefined): Pick<EstateMachine, 'biosUuid' | 'firmware' | 'isSecureBoot' | 'hasVtpm'> {
  if (domain === undefined) return {}
  const { uuid, bootloader } = domain.firmware ?? {}
  const firmware =
    bootloader?.efi !== undefined ? ('efi' as const) : bootloader?.bios !== undefined ? ('bios' as const) : undefined
  return {
    ...present({ biosUuid: uuid?.toLowerCase(), firmware, isSecureBoot: bootloader?.efi?.secureBoot }),
    hasVtpm: domain.devices?.tpm !== undefined,
  }
}

const devicesIn = (pair: MachinePair): Domain['devices'] => specOf(pair)?.domain?.devices

function disksOf(pair: MachinePair, read: QuantityReader): readonly MachineDisk[] {
  const volumes = new Map(pair.instance?.status?.volumeStatus?.map((each) => [each.name, each.persistentVolumeClaimInfo]))
  return (devicesIn(pair)?.disks ?? [])
    .filter(({ cdrom }) => cdrom === undefined)
    .map(({ name = '', disk, shareable }) => ({
      id: name,
      ...present({
        capacityBytes: read.bytes(volumes.get(name)?.capacity, 'storage'),
        controller: disk?.bus,
        sharing: shareable === true ? 'shareable' : undefined,
      }),
    }))
}

function nicsOf(pair: MachinePair): readonly MachineNic[] {
  const { instance } = pair
  const networks = specOf(pair)?.networks ?? []
  return (devicesIn(pair)?.interfaces ?? []).map(({ name, macAddress, model }) => {
    const seen = instance?.status?.interfaces?.find((each) => each.name === name)
    const network = networks.find((each) => each.name === name)
    return {
      ...present({
        label: name,
        adapter: model,
        network: network?.multus?.networkName ?? (network === undefined ? undefined : 'pod'),
      }),
      ...present({ mac: (macAddress ?? seen?.mac)?.toLowerCase() }),
      ipAddresses: seen?.ipAddresses ?? [],
    }
  })
}

function devicesOf(pair: MachinePair): readonly MachineDevice[] {
  const devices = devicesIn(pair)
  return [
    ...(devices?.disks ?? []).flatMap(({ name, cdrom }) =>
      cdrom === undefined ? [] : { type: 'CdRom' as const, ...present({ label: name }) },
    ),
    ...(devices?.gpus ?? []).map(({ name }) => ({ type: 'Vgpu' as const, ...present({ label: name }) })),
    ...(devices?.hostDevices ?? []).map(({ name }) => ({ type: 'PciPassthrough' as const, ...present({ label: name }) })),
  ]
}

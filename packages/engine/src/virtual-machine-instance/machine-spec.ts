import { createHash } from 'node:crypto'
import { parseBytes, WeirError } from '@weir/base'
import type { MachineDisk, MachineNic, MachineSpec, PortForward } from '../machine/machine.ts'
import { checkSpec, diskBuses, isOneOf, memoryQuantityOf, nicModels } from './check-spec.ts'
import type { InstanceDisk, InstanceInterface, InstanceSpec, InstanceVolume } from './instance-spec.ts'

/** A VirtualMachineInstance and what was found for it: images by volume name, allocated ports, cloud-init texts. */
export interface MachineInput {
  readonly uid: string
  /** What the guest is known by over all its lives; see `lifelongUid`. */
  readonly lifelongUid: string
  readonly namespace: string
  readonly name: string
  readonly spec: InstanceSpec
  /** Claims and empty disks, by volume name. */
  readonly images: ReadonlyMap<string, Pick<MachineDisk, 'path' | 'format' | 'backingFolder'>>
  /** Port forwards by interface name, as kept in status. */
  readonly forwards: ReadonlyMap<string, readonly PortForward[]>
  /** User data from the Secret of `cloudInitNoCloud.secretRef`, if the volume has one. */
  readonly secretUserData?: string
}

/**
 * The machine that a VirtualMachineInstance describes: disks and cards in the order of its spec. Pure.
 * @throws MACHINE_SPEC_INVALID with every wrong field; MACHINE_DATA_MISSING if the image of a volume is not given.
 */
export function toMachineSpec(input: MachineInput): MachineSpec {
  const { spec, uid, lifelongUid, namespace, name } = input
  const causes = checkSpec(spec)
  const memory = memoryQuantityOf(spec)
  if (causes.length > 0 || memory === undefined) {
    const fields = causes.map(({ field, message }) => `\`${field}\` ${message}`).join('; ')
    throw new WeirError('MACHINE_SPEC_INVALID', `no machine can be made of '${namespace}/${name}': ${fields}`, { causes })
  }
  const { cpu, machine, firmware, devices } = spec.domain
  const noCloud = noCloudOf(input)
  return {
    id: uid,
    namespace,
    name,
    memoryBytes: parseBytes(memory.text, memory.field),
    ...topologyOf(spec),
    ...(cpu?.model !== undefined && { cpuModel: cpu.model }),
    machineType: /^pc(?!-q35)/u.test(machine?.type ?? 'q35') ? 'pc' : 'q35',
    firmware: firmwareOf(spec),
    uuid: firmware?.uuid ?? lifelongUid,
    ...(firmware?.serial !== undefined && { serialNumber: firmware.serial }),
    disks: (devices.disks ?? []).flatMap((disk) => toDisk(disk, input)),
    nics: (devices.interfaces ?? []).map((nic) => toNic(nic, input)),
    ...(noCloud !== undefined && { noCloud }),
    guestAgent: true,
  }
}

/** Sockets, cores and threads; without `cpu`, as many sockets as the CPU request or limit rounds up to. */
export function topologyOf({ domain: { cpu, resources } }: InstanceSpec): Pick<MachineSpec, 'sockets' | 'cores' | 'threads'> {
  const { sockets, cores, threads } = cpu ?? {}
  if (sockets !== undefined || cores !== undefined || threads !== undefined)
    return { sockets: sockets ?? 1, cores: cores ?? 1, threads: threads ?? 1 }
  const wanted = resources?.requests?.['cpu'] ?? resources?.limits?.['cpu'] ?? '1'
  return { sockets: Math.max(1, Math.ceil(Number(wanted.replace(/m$/u, 'e-3')) || 1)), cores: 1, threads: 1 }
}

/** Every EFI guest boots securely unless `secureBoot` is false, as in KubeVirt. */
function firmwareOf({ domain }: InstanceSpec): MachineSpec['firmware'] {
  const efi = domain.firmware?.bootloader?.efi
  if (efi === undefined) return 'bios'
  return efi.secureBoot === false ? 'efi' : 'efi-secure-boot'
}

function toDisk(disk: InstanceDisk, { images, spec, name }: MachineInput): readonly MachineDisk[] {
  const volume = spec.volumes?.find((each) => each.name === disk.name)
  if (volume?.cloudInitNoCloud !== undefined) return []
  const image = images.get(disk.name)
  if (image === undefined) throw new WeirError('MACHINE_DATA_MISSING', `volume '${disk.name}' of '${name}' has no disk image yet`)
  const bus = (disk.cdrom ?? disk.disk)?.bus ?? 'sata'
  return [
    {
      ...image,
      name: disk.name,
      bus: isOneOf(diskBuses, bus) ? bus : 'sata',
      kind: disk.cdrom === undefined ? 'disk' : 'cdrom',
      readOnly: disk.cdrom !== undefined || disk.disk?.readonly === true,
      ...(disk.bootOrder !== undefined && { bootOrder: disk.bootOrder }),
      ...(disk.serial !== undefined && { serial: disk.serial }),
    },
  ]
}

function toNic(nic: InstanceInterface, { lifelongUid, forwards }: MachineInput): MachineNic {
  const model = nic.model ?? 'virtio'
  return {
    name: nic.name,
    model: isOneOf(nicModels, model) ? model : 'virtio',
    mac: nic.macAddress?.toLowerCase().replaceAll('-', ':') ?? macOf(lifelongUid, nic.name),
    ...(nic.bootOrder !== undefined && { bootOrder: nic.bootOrder }),
    forwards: forwards.get(nic.name) ?? [],
  }
}

/** A locally administered address that is the same for the same machine and interface over all lives: guests remember it. */
export function macOf(lifelongUid: string, interfaceName: string): string {
  const bytes = createHash('sha256').update(`${lifelongUid}/${interfaceName}`).digest().subarray(0, 5)
  return ['02', ...[...bytes].map((byte) => byte.toString(16).padStart(2, '0'))].join(':')
}

function noCloudOf({ spec, namespace, name, secretUserData }: MachineInput): MachineSpec['noCloud'] {
  const source = spec.volumes?.find(({ cloudInitNoCloud }) => cloudInitNoCloud !== undefined)?.cloudInitNoCloud
  if (source === undefined) return undefined
  if (source.secretRef !== undefined && secretUserData === undefined)
    throw new WeirError(
      'MACHINE_DATA_MISSING',
      `Secret '${source.secretRef.name}' with the user data of '${name}' is not there yet`,
    )
  const hostname = spec.hostname ?? name.split('.')[0]?.slice(0, 63)
  const networkData = source.networkData ?? decoded(source.networkDataBase64)
  return {
    userData: secretUserData ?? source.userData ?? decoded(source.userDataBase64) ?? '',
    // A new instance-id makes cloud-init begin anew, with other SSH host keys: KubeVirt's is the same for each life.
    metaData: JSON.stringify({ 'instance-id': `${hostname}.${namespace}`, 'local-hostname': hostname }),
    ...(networkData !== undefined && { networkData }),
  }
}

const decoded = (base64: string | undefined): string | undefined =>
  base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('utf8')

/** The names of volumes that are empty disks, with their sizes. */
export const emptyDisksOf = (
  volumes: readonly InstanceVolume[],
): readonly { readonly name: string; readonly sizeBytes: number }[] =>
  volumes.flatMap(({ name, emptyDisk }) =>
    emptyDisk === undefined ? [] : { name, sizeBytes: parseBytes(emptyDisk.capacity, 'emptyDisk.capacity') },
  )

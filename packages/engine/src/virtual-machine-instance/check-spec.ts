import { type FieldCause, isWeirError, parseBytes, parseCpuMillis } from '@weir/base'
import type { InstanceDisk, InstanceInterface, InstanceSpec, InstanceVolume } from './instance-spec.ts'

const sources = ['persistentVolumeClaim', 'dataVolume', 'cloudInitNoCloud', 'emptyDisk'] as const
/** The models of a network card, as KubeVirt names them. */
export const nicModels = ['virtio', 'e1000', 'e1000e', 'rtl8139'] as const
/** The buses of a disk, as KubeVirt names them. */
export const diskBuses = ['virtio', 'sata', 'scsi', 'usb'] as const

/** What this host cannot do with `spec`, every wrong field at once; empty if a machine can be made of it. Pure. */
export function checkSpec(spec: InstanceSpec): readonly FieldCause[] {
  const disks = spec.domain.devices.disks ?? []
  const volumes = spec.volumes ?? []
  const interfaces = spec.domain.devices.interfaces ?? []
  const at = 'spec.domain.devices'
  return [
    ...checkMemory(spec),
    ...checkMachine(spec),
    ...disks.flatMap((disk, index) => checkDisk(disk, `${at}.disks[${index}]`, volumes)),
    ...volumes.flatMap((volume, index) => checkVolume(volume, `spec.volumes[${index}]`)),
    ...interfaces.flatMap((nic, index) => checkInterface(nic, `${at}.interfaces[${index}]`, spec)),
    ...repeated(disks, `${at}.disks`),
    ...repeated(volumes, 'spec.volumes'),
    ...repeated(interfaces, `${at}.interfaces`),
  ]
}

/** The memory that the guest sees: `memory.guest`, else the request, else the limit (KubeVirt's order). */
export const memoryQuantityOf = ({ domain }: InstanceSpec): { readonly text: string; readonly field: string } | undefined =>
  [
    { text: domain.memory?.guest, field: 'spec.domain.memory.guest' },
    { text: domain.resources?.requests?.['memory'], field: 'spec.domain.resources.requests.memory' },
    { text: domain.resources?.limits?.['memory'], field: 'spec.domain.resources.limits.memory' },
  ].flatMap(({ text, field }) => (text === undefined ? [] : { text, field }))[0]

function checkMemory(spec: InstanceSpec): readonly FieldCause[] {
  const quantity = memoryQuantityOf(spec)
  if (quantity === undefined) return [{ field: 'spec.domain.memory.guest', message: 'must be set' }]
  return checkBytes(quantity.text, quantity.field, 1 << 20)
}

function checkBytes(text: string, field: string, least: number): readonly FieldCause[] {
  const causes = checkQuantity(parseBytes, text, field)
  if (causes.length > 0) return causes
  return parseBytes(text, field) >= least ? [] : [{ field, message: `must be at least ${least} bytes` }]
}

function checkQuantity(parse: (text: string, field: string) => number, text: string, field: string): readonly FieldCause[] {
  try {
    parse(text, field)
    return []
  } catch (error) {
    if (isWeirError(error, 'INPUT_QUANTITY')) return error.causes
    throw error
  }
}

function checkMachine({ domain }: InstanceSpec): readonly FieldCause[] {
  const type = domain.machine?.type ?? ''
  const { bios, efi } = domain.firmware?.bootloader ?? {}
  return [
    ...when(
      !/^(?:|q35|pc|pc-q35-.+|pc-i440fx-.+)$/u.test(type),
      'spec.domain.machine.type',
      `must be 'q35' or 'pc', not '${type}'`,
    ),
    ...when(bios !== undefined && efi !== undefined, 'spec.domain.firmware.bootloader', 'must not set both `bios` and `efi`'),
    ...(['sockets', 'cores', 'threads'] as const).flatMap((name) =>
      when((domain.cpu?.[name] ?? 1) < 1, `spec.domain.cpu.${name}`, 'must be greater than 0'),
    ),
    ...(['requests', 'limits'] as const).flatMap((name) => {
      const text = domain.resources?.[name]?.['cpu']
      return text === undefined ? [] : checkQuantity(parseCpuMillis, text, `spec.domain.resources.${name}.cpu`)
    }),
  ]
}

function checkDisk(disk: InstanceDisk, field: string, volumes: readonly InstanceVolume[]): readonly FieldCause[] {
  const target = disk.cdrom === undefined ? 'disk' : 'cdrom'
  const bus = disk[target]?.bus ?? 'sata'
  return [
    ...when(
      !volumes.some(({ name }) => name === disk.name),
      `${field}.name`,
      `must name a volume; there is no volume '${disk.name}'`,
    ),
    ...when(disk.lun !== undefined, `${field}.lun`, 'is not supported on this host; use `disk`'),
    ...when(!isOneOf(diskBuses, bus), `${field}.${target}.bus`, `must be one of ${diskBuses.join(', ')}, not '${bus}'`),
    ...when(disk.cdrom?.bus === 'virtio', `${field}.cdrom.bus`, "must be 'sata' or 'scsi' for a cdrom"),
  ]
}

function checkVolume(volume: InstanceVolume, field: string): readonly FieldCause[] {
  const given = Object.keys(volume).filter((key) => key !== 'name')
  const unknown = given.find((key) => !isOneOf(sources, key))
  if (unknown !== undefined)
    return [{ field: `${field}.${unknown}`, message: `is not supported on this host; use one of ${sources.join(', ')}` }]
  if (given.length !== 1) return [{ field, message: `must have exactly one of ${sources.join(', ')}` }]
  return volume.emptyDisk === undefined ? [] : checkBytes(volume.emptyDisk.capacity, `${field}.emptyDisk.capacity`, 512)
}

function checkInterface(nic: InstanceInterface, field: string, { networks = [] }: InstanceSpec): readonly FieldCause[] {
  const network = networks.find(({ name }) => name === nic.name)
  const model = nic.model ?? 'virtio'
  return [
    ...when(network === undefined, `${field}.name`, `must name a network; there is no network '${nic.name}'`),
    ...when(
      network?.multus !== undefined,
      `${field}.name`,
      'names a multus network, which this host does not have; use the pod network',
    ),
    ...when(nic.sriov !== undefined, `${field}.sriov`, 'is not supported on this host; use `masquerade`'),
    ...when(!isOneOf(nicModels, model), `${field}.model`, `must be one of ${nicModels.join(', ')}, not '${model}'`),
    ...when(
      nic.macAddress !== undefined && !/^[\da-f]{2}(?:[:-][\da-f]{2}){5}$/iu.test(nic.macAddress),
      `${field}.macAddress`,
      "must be six bytes such as '02:00:00:12:34:56'",
    ),
  ]
}

const repeated = (items: readonly { readonly name: string }[], field: string): readonly FieldCause[] =>
  items.flatMap(({ name }, index) =>
    when(
      items.findIndex((item) => item.name === name) !== index,
      `${field}[${index}].name`,
      `must be unique; '${name}' is there already`,
    ),
  )

const when = (wrong: boolean, field: string, message: string): readonly FieldCause[] => (wrong ? [{ field, message }] : [])

/** True if `text` is one of `values`. */
export const isOneOf = <T extends string>(values: readonly T[], text: string): text is T => values.some((value) => value === text)

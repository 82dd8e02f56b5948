import { WeirError } from '@weir/base'

import type { MachineDisk, MachineNic, MachineSpec } from './machine.ts'

/** What runs the guest's instructions. */
export type Accelerator = 'kvm' | 'tcg'

/** One file of a disk's backing chain, the active one first. */
export interface DiskLayer {
  readonly path: string
  readonly format: 'raw' | 'qcow2'
}

/** Where a machine's files are, as its process sees them: relative names count from its working directory. */
export interface MachineFiles {
  /** Layers of each disk by its name. */
  readonly disks: ReadonlyMap<string, readonly DiskLayer[]>
  /** The NoCloud image, if the machine has one. */
  readonly seed?: string
  /** UEFI code and this machine's own variables, if its firmware is UEFI. */
  readonly firmware?: { readonly code: string; readonly variables: string }
}

/** Names of the files that QEMU makes in its working directory. All sockets serve one client, VNC several. */
export const runFiles = {
  qmp: 'qmp.sock',
  serial: 'serial.sock',
  serialLog: 'serial.log',
  vnc: 'vnc.sock',
  agent: 'agent.sock',
  variables: 'nvram.fd',
  seed: 'seed.iso',
} as const

/** Slots on the root bus: fixed, so that adding a disk renames no network card in the guest. */
const slots = {
  vga: 2,
  random: 3,
  serialPorts: 4,
  scsi: 5,
  usb: 6,
  sata: 7,
  firstNic: 8,
  firstDisk: 0x10,
  lastDisk: 0x1d,
} as const
const maxNics = slots.firstDisk - slots.firstNic
const diskSlots = slots.lastDisk - slots.firstDisk + 1
const nicModels = { virtio: 'virtio-net-pci', e1000: 'e1000', e1000e: 'e1000e', rtl8139: 'rtl8139' } as const
const plainName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/u
const macPattern = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/iu

type Arguments = readonly string[]

/**
 * The arguments of `qemu-system-x86_64` for a machine. Everything is named, nothing is default; no listener is on TCP but
 * the port forwards on 127.0.0.1. A guest that shuts down leaves QEMU waiting (`-action shutdown=pause`), so that the
 * reason is not lost while nobody watches.
 * @throws MACHINE_SPEC if a name, MAC address or count cannot be given to QEMU.
 */
export function qemuArguments(spec: MachineSpec, files: MachineFiles, accelerator: Accelerator): readonly string[] {
  checkNames(spec)
  return [
    '-name',
    `guest=${spec.namespace}/${spec.name},process=${`weir:${spec.name}`.slice(0, 15)},debug-threads=on`,
    '-nodefaults',
    '-no-user-config',
    '-display',
    'none',
    '-msg',
    'timestamp=on',
    '-sandbox',
    'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny',
    '-action',
    'shutdown=pause',
    '-boot',
    'strict=on',
    '-rtc',
    'base=utc',
    ...processor(spec, accelerator),
    ...firmware(spec, files),
    ...identity(spec),
    ...channels(spec),
    ...pci('VGA', slots.vga, {}),
    ...pci('virtio-rng-pci', slots.random, { rng: 'rng0' }),
    ...controllers(spec),
    ...spec.disks.flatMap((disk, index) => diskArguments(spec, files, { disk, index })),
    ...seedArguments(spec, files),
    ...spec.nics.flatMap(nicArguments),
  ]
}

function checkNames(spec: MachineSpec): void {
  const refuse = (what: string): never => {
    throw new WeirError('MACHINE_SPEC', `Machine '${spec.namespace}/${spec.name}': ${what}`)
  }
  for (const name of [spec.id, spec.namespace, spec.name])
    if (!plainName.test(name)) refuse(`'${name}' must consist of letters, digits, '.', '_' and '-'`)
  for (const nic of spec.nics) if (!macPattern.test(nic.mac)) refuse(`'${nic.mac}' is not a MAC address`)
  if (spec.nics.length > maxNics) refuse(`at most ${maxNics} network cards are possible, not ${spec.nics.length}`)
  if (spec.cpuModel !== undefined && !plainName.test(spec.cpuModel)) refuse(`'${spec.cpuModel}' is not a CPU model`)
  if (spec.firmware === 'efi-secure-boot' && spec.machineType !== 'q35') refuse("secure boot needs machine type 'q35'")
  const long = spec.disks.find((disk) => disk.bus === 'virtio' && (disk.serial?.length ?? 0) > 20)
  if (long !== undefined) refuse(`the serial of disk '${long.name}' must be at most 20 characters`)
}

function processor(spec: MachineSpec, accelerator: Accelerator): Arguments {
  const cpus = spec.sockets * spec.cores * spec.threads
  const secure = spec.firmware === 'efi-secure-boot' ? ',smm=on' : ''
  return [
    '-machine',
    `${spec.machineType}${secure},usb=off,vmport=off,hpet=off`,
    // Multi-threaded TCG aborts when its code cache is below 24 MB a CPU; its default would grow to 1 GB.
    '-accel',
    accelerator === 'tcg' ? `tcg,tb-size=${Math.max(32, 32 * cpus)}` : 'kvm',
    '-cpu',
    cpuModel(spec.cpuModel, accelerator),
    '-smp',
    `cpus=${cpus},sockets=${spec.sockets},cores=${spec.cores},threads=${spec.threads}`,
    '-m',
    `size=${Math.ceil(spec.memoryBytes / (1 << 20))}M`,
  ]
}

/** x86-64-v2 is the least that today's distributions ask for; emulating more costs time. */
const emulatedCpu = 'qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt'

function cpuModel(model: string | undefined, accelerator: Accelerator): string {
  if (model === undefined) return accelerator === 'kvm' ? 'host' : emulatedCpu
  if (model !== 'host-passthrough' && model !== 'host-model') return model
  return accelerator === 'kvm' ? 'host' : 'max'
}

function firmware(spec: MachineSpec, files: MachineFiles): Arguments {
  if (spec.firmware === 'bios' || files.firmware === undefined) return []
  const flash = (filename: string, name: string, readOnly: boolean): Arguments => [
    '-blockdev',
    JSON.stringify({ driver: 'raw', 'node-name': name, 'read-only': readOnly, file: { driver: 'file', filename } }),
  ]
  return [
    ...flash(files.firmware.code, 'firmware-code', true),
    ...flash(files.firmware.variables, 'firmware-variables', false),
    '-machine',
    'pflash0=firmware-code,pflash1=firmware-variables',
    ...(spec.firmware === 'efi-secure-boot' ? ['-global', 'driver=cfi.pflash01,property=secure,value=on'] : []),
  ]
}

/** A comma inside a value of QEMU's `key=value` options is written twice. */
const quote = (value: string): string => value.replaceAll(',', ',,')

function identity(spec: MachineSpec): Arguments {
  const serial = spec.serialNumber === undefined ? '' : `,serial=${quote(spec.serialNumber)}`
  return [...(spec.uuid === undefined ? [] : ['-uuid', spec.uuid]), '-smbios', `type=1,manufacturer=Weir,product=Weir${serial}`]
}

function channels(spec: MachineSpec): Arguments {
  const socket = (id: string, path: string): string => `socket,id=${id},path=${path},server=on,wait=off`
  return [
    '-chardev',
    socket('qmp', runFiles.qmp),
    '-mon',
    'chardev=qmp,mode=control',
    '-chardev',
    `${socket('serial0', runFiles.serial)},logfile=${runFiles.serialLog},logappend=on`,
    '-serial',
    'chardev:serial0',
    '-vnc',
    `unix:${runFiles.vnc}`,
    '-object',
    'rng-builtin,id=rng0',
    ...(spec.guestAgent
      ? [
          ...pci('virtio-serial-pci', slots.serialPorts, { id: 'serial-ports' }),
          '-chardev',
          socket('agent', runFiles.agent),
          ...device('virtserialport', { chardev: 'agent', id: 'agent-port', name: 'org.qemu.guest_agent.0' }),
        ]
      : []),
  ]
}

type Properties = Readonly<Record<string, string | number | boolean | undefined>>

const device = (driver: string, properties: Properties): Arguments => ['-device', JSON.stringify({ driver, ...properties })]

const pci = (driver: string, slot: number, properties: Properties): Arguments =>
  device(driver, { ...properties, addr: `0x${slot.toString(16)}` })

function controllers(spec: MachineSpec): Arguments {
  const uses = (bus: MachineDisk['bus']): boolean => spec.disks.some((disk) => disk.bus === bus)
  return [
    ...(uses('scsi') ? pci('virtio-scsi-pci', slots.scsi, { id: 'scsi' }) : []),
    ...(uses('usb') ? pci('qemu-xhci', slots.usb, { id: 'usb' }) : []),
    // One controller of six ports for each six disks; q35's own one has no part in it, so that both types are the same.
    ...Array.from({ length: Math.ceil(sataCount(spec) / 6) }, (_, index) =>
      device('ich9-ahci', { id: `sata${index}`, addr: `0x${slots.sata.toString(16)}.${index}`, multifunction: true }),
    ).flat(),
  ]
}

const seedOnSata = (spec: MachineSpec): boolean =>
  spec.noCloud !== undefined && spec.disks.length > 0 && spec.disks.every((disk) => disk.bus === 'sata')

const sataCount = (spec: MachineSpec): number =>
  spec.disks.filter((disk) => disk.bus === 'sata').length + (seedOnSata(spec) ? 1 : 0)

interface PlacedDisk {
  readonly disk: MachineDisk
  readonly index: number
}

function diskArguments(spec: MachineSpec, files: MachineFiles, { disk, index }: PlacedDisk): Arguments {
  const node = `disk${index}`
  const layers = files.disks.get(disk.name) ?? [disk]
  return [
    '-blockdev',
    JSON.stringify(blockNode(layers, node, disk.readOnly || disk.kind === 'cdrom')),
    ...diskDevice(spec, { disk, index }, { drive: node, id: `device-${node}`, ...bootIndex(spec, disk, index) }),
  ]
}

/** Boot order as given; if no device has one, the disks in their order. */
function bootIndex(spec: MachineSpec, device: MachineDisk | MachineNic, index: number): Properties {
  const ordered = [...spec.disks, ...spec.nics].some((each) => each.bootOrder !== undefined)
  if (ordered) return device.bootOrder === undefined ? {} : { bootindex: device.bootOrder }
  return 'bus' in device ? { bootindex: index + 1 } : {}
}

function blockNode(layers: readonly DiskLayer[], name: string, readOnly: boolean): Readonly<Record<string, unknown>> {
  const [top, ...backing] = layers
  if (top === undefined) throw new WeirError('MACHINE_SPEC', `Disk node '${name}' has no file`)
  return {
    driver: top.format,
    'node-name': name,
    'read-only': readOnly,
    ...(readOnly ? {} : { discard: 'unmap', 'detect-zeroes': 'unmap' }),
    file: { driver: 'file', filename: top.path, aio: 'threads', locking: 'on', ...(readOnly ? {} : { discard: 'unmap' }) },
    ...(top.format === 'qcow2' ? { backing: backing.length === 0 ? null : blockNode(backing, `${name}b`, true) } : {}),
  }
}

function diskDevice(spec: MachineSpec, { disk, index }: PlacedDisk, shared: Properties): Arguments {
  const properties: Properties = { ...shared, ...(disk.serial === undefined ? {} : { serial: disk.serial }) }
  const onBus = (bus: MachineDisk['bus']): number => spec.disks.slice(0, index).filter((other) => other.bus === bus).length
  const optical = disk.kind === 'cdrom'
  switch (disk.bus) {
    case 'virtio':
      return device('virtio-blk-pci', { ...properties, ...virtioAddress(spec, onBus('virtio')) })
    case 'sata':
      return device(optical ? 'ide-cd' : 'ide-hd', { ...properties, bus: sataPort(onBus('sata')) })
    case 'scsi':
      return device(optical ? 'scsi-cd' : 'scsi-hd', { ...properties, bus: 'scsi.0', 'scsi-id': onBus('scsi') })
    case 'usb':
      return device('usb-storage', { ...properties, bus: 'usb.0' })
  }
}

const sataPort = (position: number): string => `sata${Math.floor(position / 6)}.${position % 6}`

/** A slot for each disk while they last, then eight to a slot. */
function virtioAddress(spec: MachineSpec, position: number): Properties {
  const count = spec.disks.filter((disk) => disk.bus === 'virtio').length + 1
  if (count <= diskSlots) return { addr: `0x${(slots.firstDisk + position).toString(16)}` }
  const slot = slots.firstDisk + Math.floor(position / 8)
  if (slot > slots.lastDisk)
    throw new WeirError('MACHINE_SPEC', `Machine '${spec.name}' has more than ${diskSlots * 8} virtio disks`)
  return { addr: `0x${slot.toString(16)}.${position % 8}`, multifunction: true }
}

/** The NoCloud image is the last virtio disk, or a SATA CD-ROM where every disk is SATA: such a guest may lack virtio. */
function seedArguments(spec: MachineSpec, files: MachineFiles): Arguments {
  if (files.seed === undefined) return []
  const node = { driver: 'raw', 'node-name': 'seed', 'read-only': true, file: { driver: 'file', filename: files.seed } }
  const position = spec.disks.filter((disk) => disk.bus === 'virtio').length
  return [
    '-blockdev',
    JSON.stringify(node),
    ...(seedOnSata(spec)
      ? device('ide-cd', { drive: 'seed', bus: sataPort(sataCount(spec) - 1) })
      : device('virtio-blk-pci', { drive: 'seed', serial: 'cidata', ...virtioAddress(spec, position) })),
  ]
}

function nicArguments(nic: MachineNic, index: number): Arguments {
  const forwards = nic.forwards.map(
    ({ protocol, hostPort, guestPort }) => `,hostfwd=${protocol}:127.0.0.1:${hostPort}-:${guestPort}`,
  )
  return [
    '-netdev',
    `user,id=net${index}${forwards.join('')}`,
    ...pci(nicModels[nic.model], slots.firstNic + index, {
      netdev: `net${index}`,
      id: `nic${index}`,
      mac: nic.mac,
      // A card without a boot order never boots: without its option ROM the firmware is faster.
      ...(nic.bootOrder === undefined ? { romfile: '' } : { bootindex: nic.bootOrder }),
    }),
  ]
}

import type { DiskBus, Domain, VirtualMachine, VirtualMachineInstanceSpec } from '@weir/api'
import { type Bytes, formatBytes } from '@weir/base'
import type { SourceDisk, SourceMachine, SourceNic } from '../hardware.ts'
import { type Concern, concernsOf } from './concerns.ts'
import { toLabel } from './names.ts'

/** How a machine is to be called and connected where it goes. */
export interface MappingOptions {
  readonly name?: string
  readonly namespace: string
  /** Networks of the source to networks here: `pod`, or a NetworkAttachmentDefinition as `namespace/name`. */
  readonly networkMap: ReadonlyMap<string, string>
  /** True for SATA disks and e1000e cards, which old guests know. */
  readonly compatibility?: boolean
}

/** A disk that is to be filled: its DataVolume and the file of the appliance that goes into it (none: it stays empty). */
export interface MappedDisk {
  readonly dataVolume: string
  readonly fileName: string | undefined
  readonly capacityBytes: number
}

/** A machine as it will be: Halted, with a DataVolume template for each disk. */
export interface Mapping {
  readonly virtualMachine: VirtualMachine
  readonly disks: readonly MappedDisk[]
  readonly concerns: readonly Concern[]
}

const mebibyte = 2 ** 20
const roundUp = (bytes: number): Bytes => (Math.max(1, Math.ceil(bytes / mebibyte)) * mebibyte) as Bytes

/** The KubeVirt machine for a machine of VMware. Pure. */
export function toVirtualMachine(source: SourceMachine, options: MappingOptions): Mapping {
  const name = options.name ?? toLabel(source.name, 'machine')
  const disks = source.disks.map((disk, index): MappedDisk => ({
    dataVolume: toLabel(`${name}-disk-${index}`, 'disk'),
    fileName: disk.fileName,
    capacityBytes: disk.capacityBytes,
  }))
  const spec: VirtualMachineInstanceSpec = {
    domain: domainOf(source, options),
    networks: source.nics.map((nic, index) => networkOf(nic, { index, map: options.networkMap })),
    volumes: disks.map(({ dataVolume }, index) => ({ name: `disk-${index}`, dataVolume: { name: dataVolume } })),
    terminationGracePeriodSeconds: 180,
  }
  return {
    virtualMachine: {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      metadata: {
        name,
        namespace: options.namespace,
        annotations: { 'vm.weir.dev/source-name': source.name, 'vm.weir.dev/guest-id': source.guestId },
      },
      spec: {
        runStrategy: 'Halted',
        dataVolumeTemplates: disks.map(({ dataVolume, fileName, capacityBytes }) => ({
          metadata: { name: dataVolume },
          spec: {
            source: fileName === undefined ? { blank: {} } : { upload: {} },
            storage: { resources: { requests: { storage: formatBytes(roundUp(capacityBytes)) } } },
          },
        })),
        template: { metadata: { labels: { 'vm.weir.dev/name': name } }, spec },
      },
    },
    disks,
    concerns: concernsOf(source),
  }
}

function domainOf(source: SourceMachine, { compatibility }: MappingOptions): Domain {
  const { cpuCount, coresPerSocket, memoryBytes, uuid, nics, disks, vtpm } = source
  const cores = coresPerSocket > 0 && cpuCount % coresPerSocket === 0 ? coresPerSocket : 1
  const bus: DiskBus = compatibility === true || /^win/iu.test(source.guestId) ? 'sata' : 'virtio'
  return {
    cpu: { sockets: cpuCount / cores, cores, threads: 1 },
    memory: { guest: formatBytes(roundUp(memoryBytes)) },
    machine: { type: 'q35' },
    firmware: {
      ...(uuid === undefined ? {} : { uuid: uuid.toLowerCase(), serial: uuid.toLowerCase() }),
      bootloader: bootloaderOf(source),
    },
    ...(source.secureBoot ? { features: { smm: { enabled: true } } } : {}),
    devices: {
      disks: disks.map((disk, index) => diskOf(disk, index, bus)),
      interfaces: nics.map((nic, index) => interfaceOf(nic, index, compatibility === true)),
      ...(vtpm ? { tpm: { persistent: true } } : {}),
    },
  }
}

const bootloaderOf = ({ firmware, secureBoot }: SourceMachine): NonNullable<NonNullable<Domain['firmware']>['bootloader']> =>
  firmware === 'efi' ? { efi: { secureBoot, persistent: true } } : { bios: {} }

const diskOf = (_: SourceDisk, index: number, bus: DiskBus): NonNullable<Domain['devices']['disks']>[number] => ({
  name: `disk-${index}`,
  disk: { bus },
  ...(index === 0 ? { bootOrder: 1 } : {}),
})

function interfaceOf(
  { mac, model }: SourceNic,
  index: number,
  compatibility: boolean,
): NonNullable<Domain['devices']['interfaces']>[number] {
  const isOld = compatibility || /^e1000|pcnet|flexible/iu.test(model)
  return {
    name: `net-${index}`,
    model: isOld ? 'e1000e' : 'virtio',
    ...(mac === undefined ? {} : { macAddress: mac.toLowerCase() }),
    masquerade: {},
  }
}

function networkOf(
  { network }: SourceNic,
  { index, map }: { readonly index: number; readonly map: ReadonlyMap<string, string> },
): NonNullable<VirtualMachineInstanceSpec['networks']>[number] {
  const target = map.get(network) ?? 'pod'
  return target === 'pod' ? { name: `net-${index}`, pod: {} } : { name: `net-${index}`, multus: { networkName: target } }
}

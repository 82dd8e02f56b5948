import { type Estate, estateVersion } from '../model/estate.ts'
import type { EstateMachine } from '../model/machine.ts'
import { present } from '../model/present.ts'
import type { SourceMachine } from '../hardware.ts'

/** A machine of an appliance, and the file that describes it. */
export interface OvfMachine {
  readonly location: string
  readonly machine: SourceMachine
}

/** The estate of machines that lie in a folder as OVF or OVA; their disks are not looked at. `location` names the folder. */
export function fromOvf(machines: readonly OvfMachine[], options: { readonly name: string; readonly location: string }): Estate {
  const source = {
    id: options.location,
    type: 'OVF' as const,
    location: options.location,
    parts: machines.map((each) => each.location),
  }
  const taken = new Set<string>()
  const networks = [...new Set(machines.flatMap(({ machine }) => machine.nics.map(({ network }) => network)))].filter(
    (each) => each !== '',
  )
  return {
    apiVersion: estateVersion,
    kind: 'Estate',
    metadata: { name: options.name },
    sources: [source],
    clusters: [],
    hosts: [],
    datastores: [],
    networks: networks.map((name) => ({ id: `${source.id}/${name}`, sourceId: source.id, name })),
    machines: machines.map((each) => toMachine(each, source.id, taken)),
    findings: [],
  }
}

const droppedTypes: Readonly<Record<string, EstateMachine['devices'][number]['type']>> = {
  floppy: 'Floppy',
  'CD-ROM': 'CdRom',
  'serial port': 'Serial',
}

function toMachine({ location, machine }: OvfMachine, sourceId: string, taken: Set<string>): EstateMachine {
  let id = machine.uuid ?? `${sourceId}/${location}`
  if (taken.has(id)) id = `${sourceId}/${location}`
  taken.add(id)
  return {
    id,
    sourceId,
    type: 'VirtualMachine',
    name: machine.name,
    ...present({ biosUuid: machine.uuid }),
    power: 'Off',
    cpu: { count: machine.cpuCount, coresPerSocket: machine.coresPerSocket, isHotAddEnabled: machine.hotAdd },
    memory: { sizeBytes: machine.memoryBytes, isHotAddEnabled: machine.hotAdd },
    firmware: machine.firmware,
    isSecureBoot: machine.secureBoot,
    hasVtpm: machine.vtpm,
    guest: { ...present({ guestId: machine.guestId || undefined }), ipAddresses: [] },
    disks: machine.disks.map(({ id, capacityBytes }) => ({ id, capacityBytes })),
    partitions: [],
    nics: machine.nics.map((nic) => ({
      ...present({ adapter: nic.model || undefined, network: nic.network || undefined, mac: nic.mac }),
      isConnected: nic.connected,
      ipAddresses: [],
    })),
    snapshots: [],
    devices: [
      ...machine.dropped.map((label) => ({ type: droppedTypes[label] ?? ('Other' as const), label })),
      ...(machine.usb ? [{ type: 'Usb' as const }] : []),
      ...Array.from({ length: machine.passthroughCount }, () => ({ type: 'PciPassthrough' as const })),
    ],
    rules: [],
    diskCount: machine.disks.length,
    diskCapacityBytes: machine.disks.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0),
    nicCount: machine.nics.length,
  }
}

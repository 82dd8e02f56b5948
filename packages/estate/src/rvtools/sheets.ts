/**
 * The columns that are read, sheet by sheet. What is not here is never decoded: notes, custom attributes, contacts, licence keys,
 * serial numbers, service tags, certificates and paths stay in the file.
 */
import type { SheetName } from './headers.ts'

/** What becomes of a cell. `Bytes` uses the unit of the header, MiB without one. `Note` gives only what it gives away. */
export type FieldType = 'Text' | 'Count' | 'Number' | 'Percent' | 'Bytes' | 'Boolean' | 'Time' | 'Datastore' | 'Note'

/** A field of a sheet: the headers that may stand over it, in the form of `parseHeader`, best first. */
export interface Field<T extends FieldType = FieldType> {
  readonly type: T
  readonly keys: readonly string[]
  /** The header as RVTools 4 writes it, for messages. */
  readonly title: string
}

const field =
  <T extends FieldType>(type: T) =>
  (title: string, ...keys: readonly string[]): Field<T> => ({
    type,
    title,
    keys: [
      title
        .replace(/ (?:[KMGT]i?B|in bytes)$/u, '')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}#%]/gu, ''),
      ...keys,
    ],
  })

const text = field('Text')
const count = field('Count')
const number = field('Number')
const percent = field('Percent')
const bytes = field('Bytes')
const boolean = field('Boolean')
const time = field('Time')
const datastore = field('Datastore')

/** Which vCenter a row is of. */
const source = {
  server: text('VI SDK Server', 'vcenter', 'vcenterserver', 'visdkservername'),
  serverUuid: text('VI SDK UUID', 'vcenteruuid', 'visdkinstanceuuid'),
} as const

/** Which machine a row is of. */
const machine = {
  name: text('VM', 'vmname'),
  vmId: text('VM ID', 'moid', 'objectid'),
  vmUuid: text('VM UUID', 'uuid', 'instanceuuid'),
  cluster: text('Cluster'),
  ...source,
} as const

const place = { datacenter: text('Datacenter'), cluster: text('Cluster') } as const

/** The allow-list. Sheets of RVTools that are not here are told among the parts of a source, and nothing of them is kept. */
export const sheets = {
  vMetaData: {
    version: text('RVTools version'),
    majorVersion: text('RVTools major version'),
    created: time('xlsx creation datetime'),
  },
  vSource: { name: text('Name'), fullName: text('Fullname'), apiVersion: text('API version'), ...source },
  vInfo: {
    ...machine,
    ...place,
    power: text('Powerstate'),
    isTemplate: boolean('Template'),
    isPlaceholder: boolean('SRM Placeholder'),
    dnsName: text('DNS Name', 'guesthostname'),
    connection: text('Connection state'),
    heartbeat: text('Heartbeat'),
    needsConsolidation: boolean('Consolidation Needed'),
    poweredOn: time('PowerOn'),
    created: time('Creation date'),
    cpus: count('CPUs', 'numcpu'),
    readiness: percent('Overall Cpu Readiness'),
    memory: bytes('Memory'),
    activeMemory: bytes('Active Memory'),
    nics: count('NICs', 'numnics'),
    disks: count('Disks', 'numvirtualdisks'),
    diskCapacity: bytes('Total disk capacity MiB'),
    minEvcMode: text('min Required EVC Mode Key'),
    latencySensitivity: text('Latency Sensitivity'),
    isDiskUuidEnabled: boolean('EnableUUID', 'diskenableuuid'),
    isCbtEnabled: boolean('CBT', 'changeblocktracking'),
    ipAddress: text('Primary IP Address', 'primaryip'),
    network1: text('Network #1', 'network1'),
    network2: text('Network #2', 'network2'),
    network3: text('Network #3', 'network3'),
    network4: text('Network #4', 'network4'),
    network5: text('Network #5', 'network5'),
    network6: text('Network #6', 'network6'),
    network7: text('Network #7', 'network7'),
    network8: text('Network #8', 'network8'),
    resourcePool: text('Resource pool'),
    folder: text('Folder'),
    vApp: text('vApp'),
    faultTolerance: text('FT State'),
    provisioned: bytes('Provisioned MiB'),
    inUse: bytes('In Use MiB'),
    ruleTypes: text('Cluster rule(s)'),
    ruleNames: text('Cluster rule name(s)'),
    isSecureBoot: boolean('EFI Secure boot'),
    firmware: text('Firmware'),
    hardwareVersion: text('HW version'),
    annotation: field('Note')('Annotation'),
    host: text('Host'),
    configuredOs: text('OS according to the configuration file', 'os', 'osconfig'),
    reportedOs: text('OS according to the VMware Tools', 'ostools'),
    guestData: text('Guest Detailed Data'),
    biosUuid: text('SMBIOS UUID'),
  },
  vCPU: {
    ...machine,
    cpus: count('CPUs', 'numcpu'),
    coresPerSocket: count('Cores p/s', 'corespersocket'),
    usage: count('Overall'),
    reservation: count('Reservation'),
    limit: number('Limit'),
    isHotAddEnabled: boolean('Hot Add'),
  },
  vMemory: {
    ...machine,
    size: bytes('Size MiB'),
    isReservationLocked: boolean('Memory Reservation Locked To Max'),
    overhead: bytes('Overhead'),
    consumed: bytes('Consumed'),
    swapped: bytes('Swapped'),
    ballooned: bytes('Ballooned'),
    active: bytes('Active'),
    reservation: bytes('Reservation'),
    limit: number('Limit'),
    isHotAddEnabled: boolean('Hot Add'),
  },
  vDisk: {
    ...machine,
    disk: text('Disk'),
    key: text('Disk Key'),
    uuid: text('Disk UUID'),
    path: datastore('Disk Path', 'path'),
    capacity: bytes('Capacity MiB'),
    isRaw: boolean('Raw'),
    mode: text('Disk Mode'),
    sharing: text('Sharing mode'),
    sharedBus: text('Shared Bus'),
    isThin: boolean('Thin'),
    controller: text('Controller'),
    rawMode: text('Raw Comp. Mode'),
  },
  vPartition: {
    ...machine,
    disk: text('Disk', 'mountpoint', 'partition'),
    capacity: bytes('Capacity MiB'),
    consumed: bytes('Consumed MiB'),
    free: bytes('Free MiB'),
  },
  vNetwork: {
    ...machine,
    label: text('NIC label'),
    adapter: text('Adapter'),
    network: text('Network'),
    switchName: text('Switch'),
    isConnected: boolean('Connected'),
    mac: text('Mac Address'),
    ipv4: text('IPv4 Address', 'ipaddress'),
    ipv6: text('IPv6 Address'),
    isDirectPath: boolean('Direct Path IO'),
  },
  vFloppy: { ...machine, node: text('Device Node'), isConnected: boolean('Connected') },
  vCD: { ...machine, node: text('Device Node'), isConnected: boolean('Connected') },
  vUSB: { ...machine, node: text('Device Node'), isConnected: boolean('Connected') },
  vSnapshot: {
    ...machine,
    // Not `VM`: this sheet names the snapshot in a column of its own.
    snapshot: text('Name', 'snapshot', 'snapshotname'),
    description: field('Note')('Description'),
    created: time('Date / time', 'datetime'),
    size: bytes('Size MiB (total)', 'sizemibtotal', 'sizembtotal'),
    isQuiesced: boolean('Quiesced'),
  },
  vTools: { ...machine, status: text('Tools'), version: text('Tools Version') },
  vCluster: {
    name: text('Name', 'cluster', 'clustername'),
    isHaEnabled: boolean('HA enabled'),
    failover: count('Failover Level'),
    isDrsEnabled: boolean('DRS enabled'),
    isDpmEnabled: boolean('DPM enabled'),
    ...source,
  },
  vHost: {
    name: text('Host', 'name'),
    ...place,
    isInMaintenance: boolean('in Maintenance Mode', 'maintenancemode'),
    cpuModel: text('CPU Model'),
    speed: count('Speed', 'cpumhz'),
    isHyperThreading: boolean('HT Active'),
    sockets: count('# CPU', 'numcpu'),
    coresPerSocket: count('Cores per CPU', 'corespercpu'),
    cores: count('# Cores', 'numcpucores'),
    cpuUsage: percent('CPU usage %'),
    memory: bytes('# Memory', 'memorysize'),
    memoryUsage: percent('Memory usage %'),
    machineCount: count('# VMs total', 'vmstotal', '#vms', 'vms'),
    evcMode: text('Current EVC'),
    version: text('ESX Version', 'fullname'),
    vendor: text('Vendor'),
    model: text('Model'),
    biosDate: time('BIOS Date'),
    ...source,
  },
  vPort: {
    network: text('Port Group'),
    switchName: text('Switch'),
    vlan: text('VLAN'),
    isPromiscuous: boolean('Promiscuous Mode'),
    allowsForgedTransmits: boolean('Forged Transmits'),
    ...source,
  },
  dvPort: {
    network: text('Port', 'portgroup'),
    switchName: text('Switch'),
    type: text('Type'),
    vlan: text('VLAN'),
    isPromiscuous: boolean('Allow Promiscuous'),
    allowsForgedTransmits: boolean('Forged Transmits'),
    ...source,
  },
  vSC_VMK: { network: text('Port Group'), ...source },
  vDatastore: {
    name: text('Name', 'datastore'),
    type: text('Type'),
    capacity: bytes('Capacity MiB'),
    free: bytes('Free MiB'),
    hostCount: count('# Hosts', 'numhosts'),
    ...source,
  },
} as const satisfies Partial<Record<SheetName, Readonly<Record<string, Field>>>>

/** A sheet of which something is kept. */
export type ReadSheetName = keyof typeof sheets

/** What the notes of a row give away, found out before they are dropped. */
export interface NoteSigns {
  readonly hasSecret: boolean
  readonly hasBackup: boolean
}

interface ValueOf {
  readonly Text: string
  readonly Count: number
  readonly Number: number
  readonly Percent: number
  readonly Bytes: number
  readonly Boolean: boolean
  readonly Time: string
  readonly Datastore: string
  readonly Note: NoteSigns
}

/** A row: what the sheet does not show is undefined. Sizes in bytes, times as the file has them (see `toTime`). */
export type SheetRow<N extends ReadSheetName> = {
  readonly [K in keyof (typeof sheets)[N]]:
    | ((typeof sheets)[N][K] extends Field<infer T extends FieldType> ? ValueOf[T] : never)
    | undefined
}

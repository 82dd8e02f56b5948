import type { Estate } from '../model/estate.ts'
import type { EstateMachine } from '../model/machine.ts'
import { amount, type Check, flag, list, object, oneOf, point, text, time, values, whole } from './schema.ts'

/** Largest numbers of objects: ten times the largest estate that a vCenter holds, and containers are many. */
const machinesMax = 1_000_000
const objectsMax = 200_000
const pointsMax = 100_000

/** Ids are put together from names. */
const id = text(4096)

const usage = object(
  { stepSeconds: whole(31_536_000) },
  {
    startTime: time,
    cpuMhz: list(point, pointsMax),
    memoryActiveBytes: list(point, pointsMax),
    memoryConsumedBytes: list(point, pointsMax),
    memoryNeededBytes: list(point, pointsMax),
  },
)

const cpu = object(
  {},
  {
    count: whole(1e8),
    coresPerSocket: whole(1e8),
    reservationMhz: amount(),
    limitMhz: amount(),
    isHotAddEnabled: flag,
    hasAffinity: flag,
    usageMhz: amount(),
    readinessPercent: amount(),
    requestMillis: whole(),
    limitMillis: whole(),
    usageMillis: whole(),
  },
)

const memory = object(
  {},
  {
    sizeBytes: whole(),
    reservationBytes: whole(),
    limitBytes: whole(),
    isReservationLocked: flag,
    isHotAddEnabled: flag,
    consumedBytes: whole(),
    activeBytes: whole(),
    balloonedBytes: whole(),
    swappedBytes: whole(),
    overheadBytes: whole(),
  },
)

const guest = object(
  { ipAddresses: list(text(64)) },
  {
    configuredOs: text(),
    reportedOs: text(),
    guestId: text(),
    hostName: text(),
    toolsStatus: text(),
    toolsVersion: text(),
    heartbeat: text(),
    applications: list(text()),
  },
)

const disk = object(
  { id },
  {
    label: text(),
    capacityBytes: whole(),
    datastore: text(),
    controller: text(),
    mode: text(),
    sharing: text(),
    isThin: flag,
    rdm: oneOf('Physical', 'Virtual'),
    uuid: text(),
  },
)

const nic = object(
  { ipAddresses: list(text(64)) },
  { label: text(), adapter: text(), network: text(), mac: text(), isConnected: flag, isDirectPath: flag },
)

const machine: Check<EstateMachine> = object(
  {
    id,
    sourceId: id,
    type: oneOf('VirtualMachine', 'Template', 'SrmPlaceholder', 'Container'),
    name: text(),
    power: oneOf('On', 'Off', 'Suspended', 'Unknown'),
    cpu,
    memory,
    guest,
    disks: list(disk),
    partitions: list(object({ mountPoint: text() }, { capacityBytes: whole(), freeBytes: whole() })),
    nics: list(nic),
    snapshots: list(object({}, { name: text(), createdTime: time, sizeBytes: whole(), isQuiesced: flag })),
    devices: list(
      object(
        { type: oneOf('CdRom', 'Floppy', 'Usb', 'PciPassthrough', 'Sriov', 'Vgpu', 'Serial', 'Other') },
        { label: text(), isConnected: flag },
      ),
    ),
    rules: list(object({ name: text() }, { type: text() })),
  },
  {
    biosUuid: text(),
    instanceUuid: text(),
    clusterId: id,
    hostId: id,
    datacenter: text(),
    folder: text(),
    resourcePool: text(),
    vApp: text(),
    connection: text(),
    createdTime: time,
    poweredOnTime: time,
    hardwareVersion: whole(1000),
    firmware: oneOf('bios', 'efi'),
    isSecureBoot: flag,
    hasVtpm: flag,
    isEncrypted: flag,
    isCbtEnabled: flag,
    isDiskUuidEnabled: flag,
    needsConsolidation: flag,
    isFaultTolerant: flag,
    latencySensitivity: text(),
    minEvcMode: text(),
    provisionedBytes: whole(),
    usedBytes: whole(),
    diskCount: whole(1e8),
    diskCapacityBytes: whole(),
    nicCount: whole(1e8),
    workload: text(),
    usage,
    hasForeignBackup: flag,
    hasSecretInNotes: flag,
  },
)

const owned = { id, sourceId: id, name: text() } as const

const host = object(owned, {
  clusterId: id,
  datacenter: text(),
  vendor: text(),
  model: text(),
  cpuModel: text(),
  cpuMhz: amount(),
  sockets: whole(1e8),
  cores: whole(1e8),
  threads: whole(1e8),
  memoryBytes: whole(),
  cpuUsagePercent: amount(),
  memoryUsagePercent: amount(),
  isInMaintenance: flag,
  version: text(),
  biosDate: text(),
  evcMode: text(),
  gpus: list(object({ model: text(), count: whole(1e8) }, {})),
})

const finding = object(
  { kind: oneOf('Missing', 'Contradictory', 'Stale', 'Invalid'), object: text(4096), message: text(16_384), remedy: text(4096) },
  { field: text(), id: text(64), values: values(16), moreCount: whole() },
)

/** Every field of an estate document, with its bounds. Typed against the model, so that neither can go ahead of the other. */
export const estateSchema: Check<Estate> = object(
  {
    apiVersion: oneOf('weir.dev/v1alpha1'),
    kind: oneOf('Estate'),
    metadata: object({ name: text(253) }, { collectedTime: time }),
    sources: list(
      object(
        { id, type: oneOf('RVTools', 'OVF', 'Kubernetes', 'Estate'), location: text(), parts: list(text()) },
        { version: text(), collectedTime: time },
      ),
    ),
    clusters: list(
      object(owned, {
        datacenter: text(),
        isHaEnabled: flag,
        isDrsEnabled: flag,
        isDpmEnabled: flag,
        failoverHosts: whole(1e8),
        evcMode: text(),
      }),
      objectsMax,
    ),
    hosts: list(host, objectsMax),
    datastores: list(
      object(owned, { type: text(), capacityBytes: whole(), freeBytes: whole(), hostCount: whole(1e8) }),
      objectsMax,
    ),
    networks: list(
      object(owned, {
        switchName: text(),
        vlan: text(),
        isPromiscuous: flag,
        allowsForgedTransmits: flag,
        isOpaque: flag,
        hasVmkernelPort: flag,
      }),
      objectsMax,
    ),
    machines: list(machine, machinesMax),
    findings: list(finding, objectsMax),
  },
  {},
)

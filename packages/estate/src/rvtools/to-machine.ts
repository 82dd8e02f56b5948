import type { EstateMachine, MachineNic, MachineSnapshot } from '../model/machine.ts'
import { present } from '../model/present.ts'
import { addressesOf } from './machine-sheets.ts'
import type { MachineDraft, SnapshotDraft } from './machine-drafts.ts'

const mebibyte = 2 ** 20

/** Where a machine belongs, and how its times are to be read. */
export interface MachinePlace {
  readonly clusterId: string | undefined
  readonly hostId: string | undefined
  readonly toTime: (text: string | undefined) => string | undefined
}

/** The finished machine. Where sheets disagree, vInfo counts; see `compareSheets`. */
export function toMachine(draft: MachineDraft, place: MachinePlace): EstateMachine {
  const { info } = draft
  return {
    id: draft.id,
    sourceId: draft.source.id,
    type: info.isTemplate === true ? 'Template' : info.isPlaceholder === true ? 'SrmPlaceholder' : 'VirtualMachine',
    name: info.name,
    ...present({ ...uuidsOf(draft), clusterId: place.clusterId, hostId: place.hostId, datacenter: info.datacenter }),
    ...present({ folder: info.folder, resourcePool: info.resourcePool, vApp: info.vApp }),
    power: powerOf(info.power),
    ...present({
      connection: info.connection,
      createdTime: place.toTime(info.created),
      poweredOnTime: place.toTime(info.poweredOn),
      hardwareVersion: hardwareVersionOf(info.hardwareVersion),
    }),
    cpu: cpuOf(draft),
    memory: memoryOf(draft),
    ...present({ firmware: firmwareOf(info.firmware), isSecureBoot: info.isSecureBoot }),
    guest: {
      ...present({
        configuredOs: info.configuredOs,
        reportedOs: info.reportedOs,
        hostName: info.dnsName,
        toolsStatus: draft.tools?.status,
        toolsVersion: draft.tools?.version,
        heartbeat: info.heartbeat,
      }),
      ipAddresses: [...new Set([...addressesOf(info.ipAddress), ...draft.nics.flatMap((nic) => nic.ipAddresses)])],
    },
    disks: draft.disks,
    partitions: draft.partitions,
    nics: draft.nics.length > 0 ? draft.nics : nicsOfInfo(draft),
    snapshots: draft.snapshots.map((snapshot) => toSnapshot(snapshot, place)),
    devices: draft.devices,
    ...present({
      isCbtEnabled: info.isCbtEnabled,
      isDiskUuidEnabled: info.isDiskUuidEnabled,
      needsConsolidation: info.needsConsolidation,
      isFaultTolerant: info.faultTolerance === undefined ? undefined : !/^not ?configured$/iu.test(info.faultTolerance),
      latencySensitivity: info.latencySensitivity,
      minEvcMode: info.minEvcMode,
    }),
    rules: rulesOf(draft),
    ...present({
      provisionedBytes: info.provisioned,
      usedBytes: info.inUse,
      diskCount: info.disks,
      diskCapacityBytes: info.diskCapacity,
      nicCount: info.nics,
      hasForeignBackup: draft.hasBackup || undefined,
      hasSecretInNotes: draft.hasSecret || undefined,
    }),
  }
}

/**
 * `VM UUID` has meant the SMBIOS UUID in older releases and vCenter's own in newer ones, which show SMBIOS apart. vCenter gives
 * SMBIOS UUIDs that start with 42 or 564d and its own with 50.
 */
function uuidsOf({ info }: MachineDraft): { readonly biosUuid: string | undefined; readonly instanceUuid: string | undefined } {
  const uuid = info.vmUuid?.toLowerCase()
  const bios = info.biosUuid?.toLowerCase()
  if (bios === undefined && uuid !== undefined && /^(?:42|564d)/u.test(uuid)) return { biosUuid: uuid, instanceUuid: undefined }
  return { biosUuid: bios, instanceUuid: uuid }
}

function powerOf(text: string | undefined): EstateMachine['power'] {
  switch (text?.toLowerCase().replaceAll(/[^a-z]/gu, '')) {
    case 'poweredon':
    case 'on':
      return 'On'
    case 'poweredoff':
    case 'off':
      return 'Off'
    case 'suspended':
      return 'Suspended'
    default:
      return 'Unknown'
  }
}

const hardwareVersionOf = (text: string | undefined): number | undefined => {
  const digits = /^(?:vmx-)?0*(\d{1,2})$/u.exec(text ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}

const firmwareOf = (text: string | undefined): 'bios' | 'efi' | undefined => {
  const plain = text?.toLowerCase()
  return plain === 'efi' || plain === 'bios' ? plain : undefined
}

const cpuOf = ({ info, cpu }: MachineDraft): EstateMachine['cpu'] =>
  present({
    count: info.cpus ?? cpu?.cpus,
    coresPerSocket: cpu?.coresPerSocket === 0 ? undefined : cpu?.coresPerSocket,
    reservationMhz: cpu?.reservation,
    limitMhz: cpu?.limit === undefined || cpu.limit <= 0 ? undefined : cpu.limit,
    isHotAddEnabled: cpu?.isHotAddEnabled,
    usageMhz: cpu?.usage,
    readinessPercent: info.readiness,
  })

const memoryOf = ({ info, memory }: MachineDraft): EstateMachine['memory'] =>
  present({
    sizeBytes: info.memory ?? memory?.size,
    reservationBytes: memory?.reservation,
    limitBytes: memory?.limit === undefined || memory.limit <= 0 ? undefined : Math.round(memory.limit * mebibyte),
    isReservationLocked: memory?.isReservationLocked,
    isHotAddEnabled: memory?.isHotAddEnabled,
    consumedBytes: memory?.consumed,
    activeBytes: memory?.active ?? info.activeMemory,
    balloonedBytes: memory?.ballooned,
    swappedBytes: memory?.swapped,
    overheadBytes: memory?.overhead,
  })

/** Networks by name, where no sheet lists the cards themselves. */
const nicsOfInfo = ({ info }: MachineDraft): readonly MachineNic[] =>
  [
    info.network1,
    info.network2,
    info.network3,
    info.network4,
    info.network5,
    info.network6,
    info.network7,
    info.network8,
  ].flatMap((network) => (network === undefined ? [] : { network, ipAddresses: [] }))

const toSnapshot = ({ name, created, sizeBytes, isQuiesced }: SnapshotDraft, { toTime }: MachinePlace): MachineSnapshot =>
  present({ name, createdTime: toTime(created), sizeBytes, isQuiesced })

function rulesOf({ info }: MachineDraft): EstateMachine['rules'] {
  const list = (text: string | undefined): readonly string[] =>
    text
      ?.split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '') ?? []
  const types = list(info.ruleTypes)
  return list(info.ruleNames).map((name, index) => ({ name, ...present({ type: types[index] }) }))
}

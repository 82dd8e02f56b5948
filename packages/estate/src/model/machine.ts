/** A virtual machine (or, from a Kubernetes cluster, a pod) of the estate. */
export interface EstateMachine {
  /** Unique in the estate: vCenter UUID and VM ID, where the source shows them. */
  readonly id: string
  readonly sourceId: string
  readonly type: 'VirtualMachine' | 'Template' | 'SrmPlaceholder' | 'Container'
  readonly name: string
  /** SMBIOS UUID, in lower case. */
  readonly biosUuid?: string
  /** vCenter's own UUID of the instance, in lower case. */
  readonly instanceUuid?: string
  readonly clusterId?: string
  readonly hostId?: string
  readonly datacenter?: string
  readonly folder?: string
  readonly resourcePool?: string
  readonly vApp?: string
  readonly power: 'On' | 'Off' | 'Suspended' | 'Unknown'
  /** As `connected`, `orphaned`, `inaccessible`. */
  readonly connection?: string
  readonly createdTime?: string
  readonly poweredOnTime?: string
  readonly hardwareVersion?: number
  readonly cpu: MachineCpu
  readonly memory: MachineMemory
  readonly firmware?: 'bios' | 'efi'
  readonly isSecureBoot?: boolean
  readonly hasVtpm?: boolean
  readonly isEncrypted?: boolean
  readonly guest: MachineGuest
  readonly disks: readonly MachineDisk[]
  readonly partitions: readonly GuestPartition[]
  readonly nics: readonly MachineNic[]
  readonly snapshots: readonly MachineSnapshot[]
  readonly devices: readonly MachineDevice[]
  readonly isCbtEnabled?: boolean
  readonly isDiskUuidEnabled?: boolean
  readonly needsConsolidation?: boolean
  readonly isFaultTolerant?: boolean
  readonly latencySensitivity?: string
  readonly minEvcMode?: string
  /** DRS rules by name. */
  readonly rules: readonly { readonly name: string; readonly type?: string }[]
  readonly provisionedBytes?: number
  readonly usedBytes?: number
  /** What the source says of the machine as a whole, also where it does not list its disks and network cards one by one. */
  readonly diskCount?: number
  readonly diskCapacityBytes?: number
  readonly nicCount?: number
  /** Of a container: what it is a replica of, as `Deployment/web`. */
  readonly workload?: string
  /** What monitoring saw; right-sizing stands on it. */
  readonly usage?: MachineUsage
  /** Signs that a backup product snapshots it. */
  readonly hasForeignBackup?: boolean
  /** Its notes hold what looks like a password. The notes themselves are not kept. */
  readonly hasSecretInNotes?: boolean
}

/** Processors, and how much of them may be used. */
export interface MachineCpu {
  readonly count?: number
  readonly coresPerSocket?: number
  readonly reservationMhz?: number
  readonly limitMhz?: number
  readonly isHotAddEnabled?: boolean
  readonly hasAffinity?: boolean
  /** A snapshot value of the source: MHz in use when it was read. */
  readonly usageMhz?: number
  readonly readinessPercent?: number
  /** Of a container or a VM on Kubernetes: its request, limit and use when it was read, thousandths of a core. */
  readonly requestMillis?: number
  readonly limitMillis?: number
  readonly usageMillis?: number
}

/** Memory as configured, and as the host saw it when it was read. */
export interface MachineMemory {
  readonly sizeBytes?: number
  readonly reservationBytes?: number
  readonly limitBytes?: number
  readonly isReservationLocked?: boolean
  readonly isHotAddEnabled?: boolean
  readonly consumedBytes?: number
  /** Pages touched lately. Never a size by itself. */
  readonly activeBytes?: number
  readonly balloonedBytes?: number
  readonly swappedBytes?: number
  readonly overheadBytes?: number
}

/** What the operating system in the machine says of itself. */
export interface MachineGuest {
  /** The operating system as configured, and as VMware Tools see it. */
  readonly configuredOs?: string
  readonly reportedOs?: string
  readonly guestId?: string
  readonly hostName?: string
  readonly ipAddresses: readonly string[]
  readonly toolsStatus?: string
  readonly toolsVersion?: string
  readonly heartbeat?: string
  /** Applications that the guest names (`guestinfo.appInfo`). */
  readonly applications?: readonly string[]
}

/** A virtual disk. */
export interface MachineDisk {
  readonly id: string
  readonly label?: string
  readonly capacityBytes?: number
  readonly datastore?: string
  readonly controller?: string
  readonly mode?: string
  readonly sharing?: string
  readonly isThin?: boolean
  readonly rdm?: 'Physical' | 'Virtual'
  readonly uuid?: string
}

/** A file system as the guest sees it. */
export interface GuestPartition {
  readonly mountPoint: string
  readonly capacityBytes?: number
  readonly freeBytes?: number
}

/** A network card. */
export interface MachineNic {
  readonly label?: string
  readonly adapter?: string
  readonly network?: string
  readonly mac?: string
  readonly isConnected?: boolean
  readonly isDirectPath?: boolean
  readonly ipAddresses: readonly string[]
}

/** A snapshot of a machine. */
export interface MachineSnapshot {
  readonly name?: string
  readonly createdTime?: string
  readonly sizeBytes?: number
  readonly isQuiesced?: boolean
}

/** A device beside disks and network cards. */
export interface MachineDevice {
  readonly type: 'CdRom' | 'Floppy' | 'Usb' | 'PciPassthrough' | 'Sriov' | 'Vgpu' | 'Serial' | 'Other'
  readonly label?: string
  readonly isConnected?: boolean
}

/** Usage over time, on one raster for all machines of an estate. */
export interface MachineUsage {
  readonly startTime?: string
  readonly stepSeconds: number
  /** Mean of each step, MHz; undefined points are null. */
  readonly cpuMhz?: readonly (number | null)[]
  readonly memoryActiveBytes?: readonly (number | null)[]
  readonly memoryConsumedBytes?: readonly (number | null)[]
  /** Needed by the guest as its own tools see it: total less available. */
  readonly memoryNeededBytes?: readonly (number | null)[]
}

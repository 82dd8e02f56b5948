import type { DataVolumeSpec } from './cdi.ts'
import type { InstancePhase, PrintableStatus, RunStrategy } from './kubevirt-names.ts'
import type { Condition, KubernetesObject, ObjectMeta } from './meta.ts'

export type DiskBus = 'virtio' | 'sata' | 'scsi' | 'usb'

/** A disk as the guest sees it; `name` names the volume behind it. */
export interface Disk {
  readonly name: string
  readonly bootOrder?: number
  readonly serial?: string
  readonly disk?: { readonly bus?: DiskBus; readonly readonly?: boolean }
  readonly cdrom?: { readonly bus?: DiskBus; readonly readonly?: boolean }
}

/** A network card; `name` names the network behind it. */
export interface Interface {
  readonly name: string
  readonly model?: string
  readonly macAddress?: string
  readonly bootOrder?: number
  readonly masquerade?: object
  readonly bridge?: object
  readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[]
}

/** What backs a disk: exactly one source. */
export interface Volume {
  readonly name: string
  readonly persistentVolumeClaim?: { readonly claimName: string; readonly readOnly?: boolean }
  readonly dataVolume?: { readonly name: string }
  readonly cloudInitNoCloud?: {
    readonly userData?: string
    readonly userDataBase64?: string
    readonly secretRef?: { readonly name: string }
    readonly networkData?: string
    readonly networkDataBase64?: string
  }
  readonly emptyDisk?: { readonly capacity: string }
  readonly containerDisk?: { readonly image: string }
}

interface Switch {
  readonly enabled?: boolean
}

/** What the virtual hardware offers to the guest's kernel. Absent switches have the values that QEMU gives them. */
interface Features {
  readonly acpi?: Switch
  readonly apic?: Switch & { readonly endOfInterrupt?: boolean }
  /** System management mode, which secure boot needs. */
  readonly smm?: Switch
  readonly kvm?: { readonly hidden?: boolean }
  readonly pvspinlock?: Switch
  readonly hypervPassthrough?: Switch
  /** Enlightenments for Windows. */
  readonly hyperv?: Readonly<Record<string, object>>
}

/** What the guest's hardware clock shows and which timers there are. Exactly one of `utc` and `timezone`. */
interface Clock {
  readonly utc?: { readonly offsetSeconds?: number }
  readonly timezone?: string
  readonly timer?: Readonly<
    Partial<
      Record<
        'hpet' | 'kvm' | 'pit' | 'rtc' | 'hyperv',
        { readonly present?: boolean; readonly tickPolicy?: string; readonly track?: string }
      >
    >
  >
}

export interface Domain {
  readonly cpu?: {
    readonly sockets?: number
    readonly cores?: number
    readonly threads?: number
    readonly model?: string
    readonly maxSockets?: number
    readonly dedicatedCpuPlacement?: boolean
    readonly features?: readonly { readonly name: string; readonly policy?: string }[]
  }
  readonly memory?: { readonly guest?: string; readonly maxGuest?: string }
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string | number>>
    readonly limits?: Readonly<Record<string, string | number>>
  }
  readonly machine?: { readonly type?: string }
  readonly firmware?: {
    readonly uuid?: string
    readonly serial?: string
    readonly bootloader?: {
      readonly bios?: object
      readonly efi?: { readonly secureBoot?: boolean; readonly persistent?: boolean }
    }
  }
  readonly features?: Features
  readonly clock?: Clock
  readonly devices: {
    readonly disks?: readonly Disk[]
    readonly interfaces?: readonly Interface[]
    /** A source of randomness; its presence is all it says. */
    readonly rng?: object
    readonly tpm?: { readonly enabled?: boolean; readonly persistent?: boolean }
    readonly watchdog?: { readonly name: string; readonly i6300esb?: { readonly action?: 'poweroff' | 'reset' | 'shutdown' } }
    readonly inputs?: readonly { readonly name: string; readonly type: 'tablet' | 'keyboard'; readonly bus?: 'virtio' | 'usb' }[]
    readonly autoattachGraphicsDevice?: boolean
    readonly autoattachSerialConsole?: boolean
  }
}

/** A secret that is brought into the guest: keys for SSH, or passwords. */
interface AccessCredential {
  readonly sshPublicKey?: CredentialSource & {
    readonly propagationMethod: {
      readonly noCloud?: object
      readonly configDrive?: object
      readonly qemuGuestAgent?: { readonly users: readonly string[] }
    }
  }
  readonly userPassword?: CredentialSource & { readonly propagationMethod: { readonly qemuGuestAgent?: object } }
}

interface CredentialSource {
  readonly source: { readonly secret?: { readonly secretName: string } }
}

export interface VirtualMachineInstanceSpec {
  readonly domain: Domain
  readonly volumes?: readonly Volume[]
  readonly networks?: readonly {
    readonly name: string
    readonly pod?: object
    readonly multus?: { readonly networkName: string }
  }[]
  readonly nodeSelector?: Readonly<Record<string, string>>
  readonly accessCredentials?: readonly AccessCredential[]
  readonly hostname?: string
  readonly terminationGracePeriodSeconds?: number
  readonly evictionStrategy?: string
}

/** kubevirt.io/v1 VirtualMachine: a machine that is wanted, whether it runs or not. */
export interface VirtualMachine extends KubernetesObject {
  readonly spec: {
    readonly running?: boolean
    readonly runStrategy?: RunStrategy
    readonly dataVolumeTemplates?: readonly { readonly metadata: Partial<ObjectMeta>; readonly spec: DataVolumeSpec }[]
    readonly template: { readonly metadata?: Partial<ObjectMeta>; readonly spec: VirtualMachineInstanceSpec }
  }
  readonly status?: VirtualMachineStatus
}

export interface VirtualMachineStatus {
  readonly created?: boolean
  readonly ready?: boolean
  readonly printableStatus?: PrintableStatus
  readonly runStrategy?: RunStrategy
  readonly observedGeneration?: number
  readonly conditions?: readonly Condition[]
  /** What a verb asked for and the controller has not done yet. */
  readonly stateChangeRequests?: readonly { readonly action: 'Start' | 'Stop'; readonly uid?: string }[]
  readonly startFailure?: {
    readonly consecutiveFailCount?: number
    /** The instance that was counted last. */
    readonly lastFailedVMIUID?: string
    readonly retryAfterTimestamp?: string
  }
}

/** kubevirt.io/v1 VirtualMachineInstance: one life of a machine, from power-on to power-off. */
export interface VirtualMachineInstance extends KubernetesObject {
  readonly spec: VirtualMachineInstanceSpec
  readonly status?: VirtualMachineInstanceStatus
}

export interface VirtualMachineInstanceStatus {
  readonly phase?: InstancePhase
  readonly reason?: string
  readonly nodeName?: string
  readonly conditions?: readonly Condition[]
  readonly interfaces?: readonly {
    readonly name?: string
    readonly mac?: string
    readonly ipAddress?: string
    readonly ipAddresses?: readonly string[]
    readonly infoSource?: string
    /** Ways in from the host's loopback. Ours: KubeVirt reaches guests by Services. */
    readonly ports?: readonly {
      readonly name?: string
      readonly port: number
      readonly protocol?: string
      readonly hostPort?: number
    }[]
  }[]
  readonly guestOSInfo?: {
    readonly name?: string
    readonly id?: string
    readonly prettyName?: string
    readonly kernelRelease?: string
  }
  readonly phaseTransitionTimestamps?: readonly { readonly phase: InstancePhase; readonly phaseTransitionTimestamp: string }[]
  readonly volumeStatus?: readonly { readonly name: string; readonly target?: string }[]
}

/**
 * The parts of Kubernetes and KubeVirt objects that an estate is made from, as API servers give them. Everything is optional,
 * because versions and kinds differ.
 */

/** metadata of any object. */
export interface ObjectMeta {
  readonly name?: string
  readonly namespace?: string
  readonly uid?: string
  readonly creationTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly { readonly kind?: string; readonly name?: string; readonly controller?: boolean }[]
}

/** Quantities by resource name. */
export type Quantities = Readonly<Record<string, string>>

/** `v1` Node. */
export interface KubernetesNode {
  readonly metadata?: ObjectMeta
  readonly spec?: { readonly unschedulable?: boolean }
  readonly status?: {
    readonly capacity?: Quantities
    readonly nodeInfo?: { readonly kubeletVersion?: string }
  }
}

/** `v1` Pod. */
export interface KubernetesPod {
  readonly metadata?: ObjectMeta
  readonly spec?: {
    readonly nodeName?: string
    readonly containers?: readonly KubernetesContainer[]
    readonly initContainers?: readonly KubernetesContainer[]
    readonly overhead?: Quantities
  }
  readonly status?: {
    readonly phase?: string
    readonly startTime?: string
    readonly podIPs?: readonly { readonly ip?: string }[]
  }
}

/** A container of a pod. */
export interface KubernetesContainer {
  readonly name?: string
  readonly image?: string
  /** `Always` makes an init container a sidecar. */
  readonly restartPolicy?: string
  readonly resources?: { readonly requests?: Quantities; readonly limits?: Quantities }
}

/** The hardware of a KubeVirt machine. */
export interface Domain {
  readonly cpu?: { readonly cores?: number; readonly sockets?: number; readonly threads?: number }
  readonly memory?: { readonly guest?: string }
  readonly resources?: { readonly requests?: Quantities; readonly limits?: Quantities }
  readonly firmware?: {
    readonly uuid?: string
    readonly bootloader?: { readonly efi?: { readonly secureBoot?: boolean }; readonly bios?: object }
  }
  readonly devices?: {
    readonly disks?: readonly {
      readonly name?: string
      readonly shareable?: boolean
      readonly disk?: { readonly bus?: string }
      readonly cdrom?: object
    }[]
    readonly interfaces?: readonly { readonly name?: string; readonly macAddress?: string; readonly model?: string }[]
    readonly tpm?: object
    readonly gpus?: readonly { readonly name?: string }[]
    readonly hostDevices?: readonly { readonly name?: string }[]
  }
}

/** spec of a VirtualMachineInstance, and of the template of a VirtualMachine. */
export interface InstanceSpec {
  readonly domain?: Domain
  readonly networks?: readonly { readonly name?: string; readonly multus?: { readonly networkName?: string } }[]
}

/** `kubevirt.io/v1` VirtualMachine. */
export interface KubevirtMachine {
  readonly metadata?: ObjectMeta
  readonly spec?: { readonly template?: { readonly spec?: InstanceSpec } }
  readonly status?: { readonly printableStatus?: string }
}

/** `kubevirt.io/v1` VirtualMachineInstance. */
export interface KubevirtInstance {
  readonly metadata?: ObjectMeta
  readonly spec?: InstanceSpec
  readonly status?: {
    readonly phase?: string
    readonly nodeName?: string
    readonly guestOSInfo?: { readonly prettyName?: string }
    readonly interfaces?: readonly { readonly name?: string; readonly mac?: string; readonly ipAddresses?: readonly string[] }[]
    readonly volumeStatus?: readonly {
      readonly name?: string
      readonly persistentVolumeClaimInfo?: { readonly claimName?: string; readonly capacity?: Quantities }
    }[]
  }
}

/** `metrics.k8s.io/v1beta1` PodMetrics. */
export interface KubernetesPodMetrics {
  readonly metadata?: ObjectMeta
  readonly containers?: readonly { readonly usage?: Quantities }[]
}

/** What a cluster holds, as listed. Lists of kinds that it does not serve stay away. */
export interface KubernetesObjects {
  readonly nodes?: readonly KubernetesNode[]
  readonly pods?: readonly KubernetesPod[]
  readonly virtualMachines?: readonly KubevirtMachine[]
  readonly virtualMachineInstances?: readonly KubevirtInstance[]
  readonly podMetrics?: readonly KubernetesPodMetrics[]
}

/**
 * The parts of Kubernetes and KubeVirt objects that an estate and a fabric are made from, as API servers give them. Everything is
 * optional, because versions and kinds differ.
 */

/** metadata of any object. */
export interface ObjectMeta {
  readonly name?: string
  readonly namespace?: string
  readonly uid?: string
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly { readonly kind?: string; readonly name?: string; readonly controller?: boolean }[]
}

/** Quantities by resource name. */
export type Quantities = Readonly<Record<string, string>>

/** A condition of an object. */
interface KubernetesCondition {
  readonly type?: string
  readonly status?: string
  readonly reason?: string
  readonly message?: string
}

/** What keeps pods off a node, unless they tolerate it. */
export interface Taint {
  readonly key?: string
  readonly value?: string
  readonly effect?: string
}

/** `v1` Node. */
export interface KubernetesNode {
  readonly metadata?: ObjectMeta
  readonly spec?: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[] }
  readonly status?: {
    readonly capacity?: Quantities
    /** What pods may ask for together. */
    readonly allocatable?: Quantities
    readonly conditions?: readonly KubernetesCondition[]
    readonly nodeInfo?: { readonly kubeletVersion?: string }
  }
}

/** `metav1.LabelSelectorRequirement`, and that of nodes, which knows `Gt` and `Lt` as well. */
export interface SelectorRequirement {
  readonly key?: string
  readonly operator?: string
  readonly values?: readonly string[]
}

/** `metav1.LabelSelector`. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly SelectorRequirement[]
}

/** `v1` PodAffinityTerm: pods near which, or away from which, a pod has to be. */
export interface PodAffinityTerm {
  readonly labelSelector?: LabelSelector
  readonly namespaces?: readonly string[]
  readonly namespaceSelector?: LabelSelector
  readonly topologyKey?: string
  readonly matchLabelKeys?: readonly string[]
}

/** `v1` NodeSelectorTerm: all of it must hold. */
interface NodeSelectorTerm {
  readonly matchExpressions?: readonly SelectorRequirement[]
  readonly matchFields?: readonly SelectorRequirement[]
}

/** Where pods and instances of machines may run; they say it alike. */
export interface SchedulingRules {
  readonly nodeSelector?: Readonly<Record<string, string>>
  readonly affinity?: {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms?: readonly NodeSelectorTerm[] }
    }
    readonly podAffinity?: { readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[] }
    readonly podAntiAffinity?: { readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[] }
  }
  readonly tolerations?: readonly {
    readonly key?: string
    readonly operator?: string
    readonly value?: string
    readonly effect?: string
  }[]
  readonly topologySpreadConstraints?: readonly {
    readonly maxSkew?: number
    readonly topologyKey?: string
    readonly whenUnsatisfiable?: string
    readonly labelSelector?: LabelSelector
  }[]
}

/** `v1` Pod. */
export interface KubernetesPod {
  readonly metadata?: ObjectMeta
  readonly spec?: SchedulingRules & {
    readonly nodeName?: string
    readonly priority?: number
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
  readonly cpu?: {
    readonly cores?: number
    readonly sockets?: number
    readonly threads?: number
    readonly dedicatedCpuPlacement?: boolean
  }
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
export interface InstanceSpec extends SchedulingRules {
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
    readonly conditions?: readonly KubernetesCondition[]
    /** Of its last live migration. */
    readonly migrationState?: {
      readonly startTimestamp?: string
      readonly endTimestamp?: string
      readonly completed?: boolean
      readonly failed?: boolean
    }
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

/** `kubevirt.io/v1` VirtualMachineInstanceMigration: a live migration that somebody asked for. */
interface KubevirtMigration {
  readonly metadata?: ObjectMeta
  readonly spec?: { readonly vmiName?: string }
  readonly status?: { readonly phase?: string }
}

/** `policy/v1` PodDisruptionBudget. */
interface KubernetesBudget {
  readonly metadata?: ObjectMeta
  readonly spec?: { readonly selector?: LabelSelector }
  readonly status?: { readonly disruptionsAllowed?: number }
}

/** What a cluster holds, as listed. Lists of kinds that it does not serve stay away. */
export interface KubernetesObjects {
  readonly nodes?: readonly KubernetesNode[]
  readonly pods?: readonly KubernetesPod[]
  readonly virtualMachines?: readonly KubevirtMachine[]
  readonly virtualMachineInstances?: readonly KubevirtInstance[]
  readonly podMetrics?: readonly KubernetesPodMetrics[]
  readonly migrations?: readonly KubevirtMigration[]
  readonly disruptionBudgets?: readonly KubernetesBudget[]
}

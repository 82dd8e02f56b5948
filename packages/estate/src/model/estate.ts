import type { Values } from '../sentences/template.ts'
import type { EstateMachine } from './machine.ts'

/** The `apiVersion` of an estate document. */
export const estateVersion = 'weir.dev/v1alpha1'

/**
 * What runs at the source, from whichever reader, documented in docs/reference/estate.md. A field that the source does not show
 * is absent, never zero. People's names, notes, custom attributes, licence keys and serial numbers have no place here.
 */
export interface Estate {
  readonly apiVersion: typeof estateVersion
  readonly kind: 'Estate'
  readonly metadata: {
    readonly name: string
    /** When the source was read, RFC 3339; the newest of several. */
    readonly collectedTime?: string
  }
  readonly sources: readonly EstateSource[]
  readonly clusters: readonly EstateCluster[]
  readonly hosts: readonly EstateHost[]
  readonly datastores: readonly EstateDatastore[]
  readonly networks: readonly EstateNetwork[]
  readonly machines: readonly EstateMachine[]
  /** What the sources leave out, contradict or show as stale, by object. */
  readonly findings: readonly Finding[]
}

/** Where objects come from. Their `sourceId` names one. */
export interface EstateSource {
  readonly id: string
  readonly type: 'RVTools' | 'OVF' | 'Kubernetes' | 'Estate'
  /** File or server, without credentials. */
  readonly location: string
  /** RVTools or API version. */
  readonly version?: string
  readonly collectedTime?: string
  /** What it brought, so that gaps can be told: sheets of a workbook, kinds of a cluster. */
  readonly parts: readonly string[]
}

/** A cluster of the source, or a group of hosts that share its machines. */
export interface EstateCluster {
  readonly id: string
  readonly sourceId: string
  readonly name: string
  readonly datacenter?: string
  readonly isHaEnabled?: boolean
  readonly isDrsEnabled?: boolean
  readonly isDpmEnabled?: boolean
  /** Hosts that its admission control keeps free. */
  readonly failoverHosts?: number
  readonly evcMode?: string
}

/** A host of the source. */
export interface EstateHost {
  readonly id: string
  readonly sourceId: string
  readonly name: string
  readonly clusterId?: string
  readonly datacenter?: string
  readonly vendor?: string
  readonly model?: string
  readonly cpuModel?: string
  readonly cpuMhz?: number
  readonly sockets?: number
  readonly cores?: number
  readonly threads?: number
  readonly memoryBytes?: number
  readonly cpuUsagePercent?: number
  readonly memoryUsagePercent?: number
  readonly isInMaintenance?: boolean
  /** As `VMware ESXi 7.0.3 build-21313628` or a kubelet version. */
  readonly version?: string
  readonly biosDate?: string
  /** The EVC mode that its processors are held to. */
  readonly evcMode?: string
  readonly gpus?: readonly { readonly model: string; readonly count: number }[]
}

/** A datastore. */
export interface EstateDatastore {
  readonly id: string
  readonly sourceId: string
  readonly name: string
  /** As `VMFS`, `NFS`, `vsan`, `vvol`. */
  readonly type?: string
  readonly capacityBytes?: number
  readonly freeBytes?: number
  readonly hostCount?: number
}

/** A port group or network. */
export interface EstateNetwork {
  readonly id: string
  readonly sourceId: string
  readonly name: string
  readonly switchName?: string
  /** As `120`, `100-200` for a trunk, or absent. */
  readonly vlan?: string
  readonly isPromiscuous?: boolean
  readonly allowsForgedTransmits?: boolean
  readonly isOpaque?: boolean
  /** A vmkernel port uses it as well. */
  readonly hasVmkernelPort?: boolean
}

/** Something to know about the data themselves before anything is concluded from them. */
export interface Finding {
  readonly kind: 'Missing' | 'Contradictory' | 'Stale' | 'Invalid'
  /** The kind of object and its id, as `machine/vm-42`, `host/esx-7`; `sheet/vHost` for a sheet, many at once end in a star. */
  readonly object: string
  /** The field as the source calls it. */
  readonly field?: string
  /** What kind of finding it is, for `findingText`; absent in documents that tell findings of their own. */
  readonly id?: string
  /** The values in the message. */
  readonly values?: Values
  /** How many more findings there are like this one, which tells of them all. */
  readonly moreCount?: number
  /** In English, as the remedy is; or in the words of a document. */
  readonly message: string
  readonly remedy: string
}

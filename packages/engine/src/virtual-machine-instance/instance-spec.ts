import { virtualMachine, type VirtualMachineInstance } from '@weir/api'
import type { Request } from '@weir/runtime'

/** The part of KubeVirt's `VirtualMachineInstanceSpec` (kubevirt.io/v1) that a machine is made from. */
export interface InstanceSpec {
  readonly hostname?: string
  readonly terminationGracePeriodSeconds?: number
  readonly domain: {
    readonly cpu?: { readonly sockets?: number; readonly cores?: number; readonly threads?: number; readonly model?: string }
    readonly memory?: { readonly guest?: string }
    readonly resources?: {
      readonly requests?: Readonly<Record<string, string>>
      readonly limits?: Readonly<Record<string, string>>
    }
    readonly machine?: { readonly type?: string }
    readonly firmware?: {
      readonly uuid?: string
      readonly serial?: string
      readonly bootloader?: { readonly bios?: object; readonly efi?: { readonly secureBoot?: boolean } }
    }
    readonly devices: { readonly disks?: readonly InstanceDisk[]; readonly interfaces?: readonly InstanceInterface[] }
  }
  readonly networks?: readonly { readonly name: string; readonly pod?: object; readonly multus?: object }[]
  readonly volumes?: readonly InstanceVolume[]
}

/** KubeVirt `Disk`. */
export interface InstanceDisk {
  readonly name: string
  readonly disk?: { readonly bus?: string; readonly readonly?: boolean }
  readonly cdrom?: { readonly bus?: string; readonly readonly?: boolean }
  readonly lun?: object
  readonly bootOrder?: number
  readonly serial?: string
}

/** KubeVirt `Interface`. */
export interface InstanceInterface {
  readonly name: string
  readonly model?: string
  readonly macAddress?: string
  readonly bootOrder?: number
  readonly masquerade?: object
  readonly bridge?: object
  readonly sriov?: object
  readonly ports?: readonly { readonly port: number; readonly protocol?: string; readonly name?: string }[]
}

/** KubeVirt `Volume`: exactly one source. */
export interface InstanceVolume {
  readonly name: string
  readonly persistentVolumeClaim?: { readonly claimName: string }
  readonly dataVolume?: { readonly name: string }
  readonly cloudInitNoCloud?: {
    readonly userData?: string
    readonly userDataBase64?: string
    readonly secretRef?: { readonly name: string }
    readonly networkData?: string
    readonly networkDataBase64?: string
  }
  readonly emptyDisk?: { readonly capacity: string }
}

/** The claim a volume needs, undefined if it needs none. A DataVolume's claim has its name. */
export const claimNameOf = ({ persistentVolumeClaim, dataVolume }: InstanceVolume): string | undefined =>
  persistentVolumeClaim?.claimName ?? dataVolume?.name

/** The spec as machines read it: quantities may be numbers in JSON, and are texts here. */
export const toInstanceSpec = ({ spec }: VirtualMachineInstance): InstanceSpec =>
  JSON.parse(JSON.stringify(spec), (key, value: unknown) =>
    ['memory', 'cpu', 'guest', 'capacity'].includes(key) && typeof value === 'number' ? String(value) : value,
  ) as InstanceSpec

/** The uid of what has the instance as one of its lives: its VirtualMachine; the instance's own if it has none. */
export const lifelongUid = ({ metadata: { uid = '', ownerReferences = [] } }: VirtualMachineInstance): string =>
  ownerReferences.find(({ controller, kind }) => controller === true && kind === virtualMachine.kind)?.uid ?? uid

/** The key of an instance. */
export const keyOf = ({ metadata }: VirtualMachineInstance): Request => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name,
})

import type { KindDefinition } from './definition.ts'
import type { Condition, KubernetesObject } from './meta.ts'
import {
  boolean,
  conditions,
  labelSelector,
  list,
  object,
  objectReference,
  oneOfStrings,
  open,
  quantityMap,
  string,
  stringMap,
} from './schemas.ts'

/** v1 PersistentVolumeClaim. */
export interface PersistentVolumeClaim extends KubernetesObject {
  readonly spec: {
    readonly accessModes?: readonly string[]
    readonly resources?: { readonly requests?: Readonly<Record<string, string | number>> }
    readonly storageClassName?: string
    readonly volumeMode?: 'Filesystem' | 'Block'
    readonly volumeName?: string
  }
  readonly status?: {
    readonly phase?: 'Pending' | 'Bound' | 'Lost'
    readonly accessModes?: readonly string[]
    readonly capacity?: Readonly<Record<string, string>>
    readonly conditions?: readonly Condition[]
  }
}

/** v1 PersistentVolume. */
export interface PersistentVolume extends KubernetesObject {
  readonly spec: {
    readonly capacity?: Readonly<Record<string, string>>
    readonly accessModes?: readonly string[]
    readonly claimRef?: {
      readonly apiVersion?: string
      readonly kind?: string
      readonly namespace?: string
      readonly name?: string
      readonly uid?: string
    }
    readonly persistentVolumeReclaimPolicy?: 'Retain' | 'Delete'
    readonly storageClassName?: string
    readonly volumeMode?: 'Filesystem' | 'Block'
    readonly csi?: {
      readonly driver: string
      readonly volumeHandle: string
      readonly volumeAttributes?: Readonly<Record<string, string>>
    }
  }
  readonly status?: {
    readonly phase?: 'Available' | 'Bound' | 'Released' | 'Failed' | 'Pending'
    readonly reason?: string
    readonly message?: string
  }
}

/** storage.k8s.io/v1 StorageClass. */
export interface StorageClass extends KubernetesObject {
  readonly provisioner: string
  readonly reclaimPolicy?: 'Retain' | 'Delete'
  readonly volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer'
  readonly allowVolumeExpansion?: boolean
  readonly parameters?: Readonly<Record<string, string>>
}

const accessModes = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'] as const

export const persistentVolumeClaim: KindDefinition<PersistentVolumeClaim> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  namespaced: true,
  statusSubresource: true,
  schema: object(
    {
      spec: object(
        {
          accessModes: { ...list(oneOfStrings(accessModes)), minItems: 1 },
          resources: object(
            { requests: { ...quantityMap, required: ['storage'] }, limits: quantityMap },
            { required: ['requests'], description: 'How much is wanted: requests.storage' },
          ),
          storageClassName: string('Who provides it'),
          volumeMode: { ...oneOfStrings(['Filesystem', 'Block']), default: 'Filesystem' },
          volumeName: string('The PersistentVolume that it got'),
          selector: labelSelector,
          dataSource: open,
          dataSourceRef: open,
        },
        { required: ['accessModes', 'resources'] },
      ),
      status: object({ phase: string(), accessModes: list(string()), capacity: quantityMap, conditions }),
    },
    { required: ['spec'] },
  ),
}

export const persistentVolume: KindDefinition<PersistentVolume> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  singular: 'persistentvolume',
  shortNames: ['pv'],
  namespaced: false,
  statusSubresource: true,
  schema: object({
    spec: object(
      {
        capacity: quantityMap,
        accessModes: list(string()),
        claimRef: objectReference,
        persistentVolumeReclaimPolicy: string('Retain or Delete'),
        storageClassName: string(),
        volumeMode: { ...string('Filesystem or Block'), default: 'Filesystem' },
        csi: object(
          { driver: string(), volumeHandle: string(), volumeAttributes: stringMap, fsType: string(), readOnly: boolean() },
          { required: ['driver', 'volumeHandle'] },
        ),
        nodeAffinity: open,
      },
      { 'x-kubernetes-preserve-unknown-fields': true },
    ),
    status: object({ phase: string(), reason: string(), message: string(), lastPhaseTransitionTime: string() }),
  }),
}

export const storageClass: KindDefinition<StorageClass> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  namespaced: false,
  schema: object(
    {
      provisioner: string('Who provides volumes'),
      reclaimPolicy: { ...string('What happens to a volume after its claim: Delete or Retain'), default: 'Delete' },
      volumeBindingMode: { ...string('Immediate or WaitForFirstConsumer'), default: 'Immediate' },
      allowVolumeExpansion: boolean(),
      parameters: stringMap,
      mountOptions: list(string()),
      allowedTopologies: list(open),
    },
    { required: ['provisioner'] },
  ),
}

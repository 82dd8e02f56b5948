import type { KindDefinition, Schema } from './definition.ts'
import type { Condition, KubernetesObject } from './meta.ts'
import { boolean, conditions, integer, labelSelector, list, object, oneOfStrings, open, quantityMap, string } from './schemas.ts'

/** `status.phase` of a DataVolume, as CDI names them. */
export const dataVolumePhases = [
  'Pending',
  'PVCBound',
  'ImportScheduled',
  'ImportInProgress',
  'CloneScheduled',
  'CloneInProgress',
  'UploadScheduled',
  'UploadReady',
  'WaitForFirstConsumer',
  'Succeeded',
  'Failed',
  'Unknown',
] as const
export type DataVolumePhase = (typeof dataVolumePhases)[number]

interface ClaimSpec {
  readonly accessModes?: readonly string[]
  readonly resources?: { readonly requests?: Readonly<Record<string, string | number>> }
  readonly storageClassName?: string
  readonly volumeMode?: 'Filesystem' | 'Block'
}

export interface DataVolumeSpec {
  readonly source?: {
    readonly upload?: object
    readonly blank?: object
    readonly http?: { readonly url: string; readonly secretRef?: string; readonly certConfigMap?: string }
    readonly pvc?: { readonly name: string; readonly namespace: string }
  }
  readonly storage?: ClaimSpec
  readonly pvc?: ClaimSpec
  readonly contentType?: 'kubevirt' | 'archive'
}

/** cdi.kubevirt.io/v1beta1 DataVolume: a claim and what fills it. */
export interface DataVolume extends KubernetesObject {
  readonly spec: DataVolumeSpec
  readonly status?: {
    readonly phase?: DataVolumePhase
    /** `NN.NN%`, or `N/A` while nothing is known. */
    readonly progress?: string
    readonly claimName?: string
    readonly restartCount?: number
    readonly conditions?: readonly Condition[]
  }
}

/** cdi.kubevirt.io/v1beta1 CDIConfig; the one named `config` says where uploads go. */
export interface CDIConfig extends KubernetesObject {
  readonly spec?: { readonly uploadProxyURLOverride?: string }
  readonly status?: { readonly uploadProxyURL?: string; readonly scratchSpaceStorageClass?: string }
}

const claimSpec: Schema = object({
  accessModes: list(string()),
  resources: object({ requests: quantityMap, limits: quantityMap }),
  storageClassName: string('Who provides the volume; the default class if absent'),
  volumeMode: oneOfStrings(['Filesystem', 'Block']),
  volumeName: string(),
  selector: labelSelector,
  dataSource: open,
  dataSourceRef: open,
})

export const dataVolumeSpec: Schema = object({
  source: object(
    {
      upload: { ...open, description: 'Filled by an upload with a token' },
      blank: { ...open, description: 'An empty disk' },
      http: object(
        {
          url: string(),
          secretRef: string(),
          certConfigMap: string(),
          extraHeaders: list(string()),
          secretExtraHeaders: list(string()),
        },
        { required: ['url'], description: 'Downloaded from an http or https address' },
      ),
      pvc: object(
        { name: string(), namespace: string() },
        { required: ['name', 'namespace'], description: 'A clone of another claim' },
      ),
      registry: open,
      s3: open,
      gcs: open,
      imageio: open,
      vddk: open,
      snapshot: open,
    },
    { description: 'What fills the disk: exactly one' },
  ),
  sourceRef: open,
  storage: { ...claimSpec, description: 'The claim to make; what is absent is filled in' },
  pvc: { ...claimSpec, description: 'The claim to make, exactly so' },
  contentType: oneOfStrings(['kubevirt', 'archive']),
  preallocation: boolean(),
  finalCheckpoint: boolean(),
  checkpoints: list(open),
  priorityClassName: string(),
})

export const dataVolume: KindDefinition<DataVolume> = {
  group: 'cdi.kubevirt.io',
  version: 'v1beta1',
  kind: 'DataVolume',
  plural: 'datavolumes',
  singular: 'datavolume',
  shortNames: ['dv', 'dvs'],
  categories: ['all'],
  namespaced: true,
  statusSubresource: true,
  schema: object(
    {
      spec: dataVolumeSpec,
      status: object({
        phase: string(),
        progress: string('Share done, NN.NN%'),
        claimName: string(),
        restartCount: integer(),
        conditions,
      }),
    },
    { required: ['spec'] },
  ),
  columns: [
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'How far it is' },
    { name: 'Progress', type: 'string', jsonPath: '.status.progress', description: 'Share of the transfer that is done' },
    { name: 'Restarts', type: 'integer', jsonPath: '.status.restartCount', description: 'How often the transfer began again' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
}

export const cdiConfig: KindDefinition<CDIConfig> = {
  group: 'cdi.kubevirt.io',
  version: 'v1beta1',
  kind: 'CDIConfig',
  plural: 'cdiconfigs',
  singular: 'cdiconfig',
  namespaced: false,
  statusSubresource: true,
  schema: object({ spec: open, status: open }),
}

import type { KindDefinition, Schema } from './definition.ts'
import type { Condition, KubernetesObject } from './meta.ts'
import {
  boolean,
  conditionsOf,
  integer,
  labelSelector,
  list,
  type Meanings,
  object,
  oneOfStrings,
  open,
  quantityMap,
  string,
  wordsOf,
} from './schemas.ts'

/** `status.phase` of a DataVolume, as CDI names them. Succeeded and Failed are final. */
const dataVolumePhases = {
  Pending: 'nothing has begun',
  PVCBound: 'the claim has its volume',
  ImportScheduled: 'a download is about to begin',
  ImportInProgress: 'it is being downloaded',
  CloneScheduled: 'a copy is about to begin',
  CloneInProgress: 'it is being copied from another claim',
  UploadScheduled: 'the upload endpoint is being prepared',
  UploadReady: 'an upload with a token is awaited',
  WaitForFirstConsumer: 'the volume is made when a machine first needs it',
  Succeeded: 'the disk is complete',
  Failed: 'the disk could not be filled; the condition Running says why',
  Unknown: 'nothing is known',
} as const satisfies Meanings
export type DataVolumePhase = keyof typeof dataVolumePhases

/** `status.conditions[].type` of a DataVolume. */
const dataVolumeConditions = {
  Bound: 'is true if the claim has its volume',
  Running: 'is true if the transfer is under way; else reason and message say why it is not',
  Ready: 'is true if the disk is complete',
} as const satisfies Meanings

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

const claimSpec: Schema = object(
  {
    accessModes: list(string()),
    resources: object({ requests: { ...quantityMap, required: ['storage'] }, limits: quantityMap }, { required: ['requests'] }),
    storageClassName: string('Who provides the volume; the default class if absent'),
    volumeMode: oneOfStrings(['Filesystem', 'Block']),
    volumeName: string(),
    selector: labelSelector,
    dataSource: open,
    dataSourceRef: open,
  },
  { required: ['resources'] },
)

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
        phase: string(wordsOf(dataVolumePhases)),
        progress: string('Share done, NN.NN%'),
        claimName: string(),
        restartCount: integer(),
        conditions: conditionsOf(dataVolumeConditions),
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
  schema: object({
    spec: object(
      { uploadProxyURLOverride: string('Where uploads go, instead of what was found out') },
      { 'x-kubernetes-preserve-unknown-fields': true },
    ),
    status: object(
      { uploadProxyURL: string('Where uploads go'), scratchSpaceStorageClass: string() },
      { 'x-kubernetes-preserve-unknown-fields': true },
    ),
  }),
}

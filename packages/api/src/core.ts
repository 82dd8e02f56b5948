import type { KindDefinition } from './definition.ts'
import type { Condition, KubernetesObject } from './meta.ts'
import {
  boolean,
  conditions,
  integer,
  list,
  listByKey,
  object,
  objectReference,
  open,
  quantityMap,
  string,
  stringMap,
  time,
} from './schemas.ts'

/** v1 Namespace. */
export interface Namespace extends KubernetesObject {
  readonly spec?: { readonly finalizers?: readonly string[] }
  readonly status?: { readonly phase?: 'Active' | 'Terminating'; readonly conditions?: readonly Condition[] }
}

/** v1 Node: a host of the fabric. */
export interface Node extends KubernetesObject {
  readonly spec?: { readonly unschedulable?: boolean }
  readonly status?: {
    readonly capacity?: Readonly<Record<string, string>>
    readonly allocatable?: Readonly<Record<string, string>>
    readonly conditions?: readonly (Condition & { readonly lastHeartbeatTime?: string })[]
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
    readonly nodeInfo?: Readonly<Record<string, string>>
  }
}

/** v1 Secret; values of `data` are base64. */
export interface Secret extends KubernetesObject {
  readonly type?: string
  readonly data?: Readonly<Record<string, string>>
  readonly stringData?: Readonly<Record<string, string>>
}

/** v1 ConfigMap. */
export interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>
  readonly binaryData?: Readonly<Record<string, string>>
  readonly immutable?: boolean
}

/** v1 ServiceAccount. */
export type ServiceAccount = KubernetesObject

/** v1 Event. */
export interface Event extends KubernetesObject {
  readonly involvedObject: {
    readonly apiVersion?: string
    readonly kind?: string
    readonly namespace?: string
    readonly name?: string
    readonly uid?: string
  }
  readonly type?: 'Normal' | 'Warning'
  readonly reason?: string
  readonly message?: string
  readonly count?: number
  readonly firstTimestamp?: string
  readonly lastTimestamp?: string
  readonly source?: { readonly component?: string; readonly host?: string }
}

const core = { group: '', version: 'v1' } as const

export const namespace: KindDefinition<Namespace> = {
  ...core,
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  namespaced: false,
  statusSubresource: true,
  schema: object({
    spec: object({ finalizers: list(string(), 'What must be done before the name is free again') }),
    status: object({ phase: string('Active or Terminating'), conditions }),
  }),
}

export const node: KindDefinition<Node> = {
  ...core,
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  statusSubresource: true,
  schema: object({
    spec: object(
      {
        unschedulable: boolean('True to place nothing new on the host'),
        podCIDR: string(),
        providerID: string(),
        taints: list(
          object({ key: string(), value: string(), effect: string(), timeAdded: time }, { required: ['key', 'effect'] }),
        ),
      },
      { 'x-kubernetes-preserve-unknown-fields': true },
    ),
    status: object(
      {
        capacity: { ...quantityMap, description: 'What the host has' },
        allocatable: { ...quantityMap, description: 'What workloads may take' },
        conditions,
        addresses: listByKey('type', object({ type: string(), address: string() }, { required: ['type', 'address'] })),
        nodeInfo: open,
      },
      { 'x-kubernetes-preserve-unknown-fields': true },
    ),
  }),
}

export const secret: KindDefinition<Secret> = {
  ...core,
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  namespaced: true,
  schema: object({
    type: { ...string('What the data is for'), default: 'Opaque' },
    data: { type: 'object', additionalProperties: { type: 'string', format: 'byte' }, description: 'Base64 values' },
    stringData: { ...stringMap, description: 'Plain values; written into `data`' },
    immutable: boolean('True if the data may never change'),
  }),
}

export const configMap: KindDefinition<ConfigMap> = {
  ...core,
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  schema: object({
    data: { ...stringMap, description: 'Text values' },
    binaryData: { type: 'object', additionalProperties: { type: 'string', format: 'byte' }, description: 'Base64 values' },
    immutable: boolean('True if the data may never change'),
  }),
}

export const serviceAccount: KindDefinition = {
  ...core,
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  namespaced: true,
  schema: object({
    secrets: listByKey('name', objectReference),
    imagePullSecrets: list(object({ name: string() })),
    automountServiceAccountToken: boolean(),
  }),
}

export const event: KindDefinition<Event> = {
  ...core,
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  schema: object(
    {
      involvedObject: { ...objectReference, description: 'What it happened to' },
      related: objectReference,
      type: string('Normal or Warning'),
      reason: string('What happened, for programs'),
      message: string('What happened, for people'),
      count: integer('How often'),
      firstTimestamp: { ...time, nullable: true },
      lastTimestamp: { ...time, nullable: true },
      eventTime: { ...string(), nullable: true },
      action: string(),
      reportingComponent: string(),
      reportingInstance: string(),
      source: object({ component: string(), host: string() }),
      series: open,
    },
    { required: ['involvedObject'] },
  ),
}

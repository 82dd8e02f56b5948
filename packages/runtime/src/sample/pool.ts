import { apiVersionOf, type Condition, type ConfigMap, configMap, type KindDefinition, type KubernetesObject } from '@weir/api'

/** A kind for tests: `size` members with the same `text`, and as much room in the world outside. */
export interface Pool extends KubernetesObject {
  readonly spec: { readonly size: number; readonly text: string }
  readonly status?: PoolStatus
}

/** What is observed of a Pool. */
export interface PoolStatus {
  readonly members?: number
  readonly conditions?: readonly Condition[]
}

export const pool: KindDefinition<Pool> = {
  group: 'sample.weir.dev',
  version: 'v1',
  kind: 'Pool',
  plural: 'pools',
  singular: 'pool',
  namespaced: true,
  statusSubresource: true,
  schema: {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { size: { type: 'integer' }, text: { type: 'string' } } },
      status: {
        type: 'object',
        properties: {
          members: { type: 'integer' },
          conditions: {
            type: 'array',
            items: {
              type: 'object',
              properties: {
                type: { type: 'string' },
                status: { type: 'string' },
                reason: { type: 'string' },
                message: { type: 'string' },
                observedGeneration: { type: 'integer' },
                lastTransitionTime: { type: 'string' },
              },
            },
          },
        },
      },
    },
  },
}

/** On every Pool that something outside may belong to. */
export const poolFinalizer = 'sample.weir.dev/pool'

/** A Pool as a user writes it. */
export const aPool = (name: string, spec: Pool['spec']): Pool => ({
  apiVersion: apiVersionOf(pool),
  kind: pool.kind,
  metadata: { name, namespace: 'default' },
  spec,
})

/** The names of a Pool's members; the same each time, so that one is never made twice. */
export const memberNames = ({ metadata, spec }: Pool): readonly string[] =>
  Array.from({ length: spec.size }, (_, index) => `${metadata.name}-${index}`)

/** A member as it is to be. */
export const memberOf = ({ metadata, spec }: Pool, name: string): ConfigMap => ({
  apiVersion: apiVersionOf(configMap),
  kind: configMap.kind,
  metadata: {
    name,
    namespace: metadata.namespace ?? '',
    ownerReferences: [
      { apiVersion: apiVersionOf(pool), kind: pool.kind, name: metadata.name, uid: metadata.uid ?? '', controller: true },
    ],
  },
  data: { text: spec.text },
})

/** The world outside the API: how much room it gives to whom. */
export interface Outside {
  readonly roomOf: (id: string) => Promise<number | undefined>
  /** @throws VOLUME_NO_SPACE */
  readonly setRoom: (id: string, size: number) => Promise<void>
  /** Success if there is none. */
  readonly release: (id: string) => Promise<void>
}

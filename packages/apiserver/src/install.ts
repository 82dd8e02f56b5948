import type { KindDefinition, KubernetesObject } from '@weir/api'
import type { Housekeeping } from './housekeeping/housekeeping.ts'
import type { Objects } from './objects.ts'
import type { KindRegistry } from './registry.ts'

interface InstallDeps {
  readonly objects: Objects
  readonly registry: KindRegistry
  readonly housekeeping: Pick<Housekeeping, 'settle'>
}

const initialNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']
const options = { dryRun: false, fieldValidation: 'Ignore', warn: () => {} } as const

/** Makes the namespaces that every cluster has, and `crds`, where they are missing or differ; resolves when all are served. */
export const createInstall =
  ({ objects, registry, housekeeping }: InstallDeps) =>
  async (crds: readonly object[]): Promise<void> => {
    const ensure = async (kind: KindDefinition | undefined, object: KubernetesObject): Promise<void> => {
      if (kind === undefined) return
      const name = { namespace: '', name: object.metadata.name }
      const { metadata: _, ...wanted } = object
      if (objects.find(kind, name) === undefined) await objects.create(kind, object, { ...options, namespace: '' })
      else await objects.update(kind, name, { part: 'main', options, change: (old) => ({ ...old, ...wanted }) })
    }
    const namespaces = registry.find('', 'v1', 'namespaces')
    const definitions = registry.find('apiextensions.k8s.io', 'v1', 'customresourcedefinitions')
    await Promise.all([
      ...initialNamespaces.map((name) => ensure(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
      ...crds.map((crd) => ensure(definitions, crd as KubernetesObject)),
    ])
    await housekeeping.settle()
  }

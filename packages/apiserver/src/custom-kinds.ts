import { customResourceDefinition, type KindDefinition } from '@weir/api'
import type { RevisionLog } from '@weir/store'
import { type CustomResourceDefinition, isEstablished, kindDefinitionsOf } from './crd/crd.ts'
import type { KindRegistry } from './registry.ts'
import { jsonEquals } from './schema/json.ts'
import { parseStored, prefixOf } from './stored.ts'

/** Keeps `registry` serving what the CustomResourceDefinitions in the log say, from now on; returns the end of it. */
export function serveCustomKinds(log: RevisionLog, registry: KindRegistry): () => void {
  const specs = new Map<string, { readonly spec: unknown; readonly kinds: readonly KindDefinition[] }>()
  const apply = (crd: CustomResourceDefinition, revision: number): void => {
    const { name } = crd.metadata
    if (!isEstablished(crd)) return
    const known = specs.get(name)
    // The same definition objects as long as nothing changed: compiled schemas and documents hang on them.
    const kinds = known !== undefined && jsonEquals(known.spec, crd.spec) ? known.kinds : kindDefinitionsOf(crd, revision)
    specs.set(name, { spec: crd.spec, kinds })
    registry.set(name, kinds)
  }
  const forget = (crd: CustomResourceDefinition): void => {
    specs.delete(crd.metadata.name)
    registry.remove(crd.metadata.name)
  }
  const prefix = prefixOf(customResourceDefinition)
  const page = log.list({ prefix })
  for (const { value, modRevision } of page.entries) apply(parseStored(value) as CustomResourceDefinition, modRevision)
  return log.watch(prefix, page.revision, (events) => {
    for (const { value, previous, revision } of events) {
      if (value !== undefined) apply(parseStored(value) as CustomResourceDefinition, revision)
      else if (previous !== undefined) forget(parseStored(previous) as CustomResourceDefinition)
    }
  })
}

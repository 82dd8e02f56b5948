import { type FieldCause, WeirError } from '@weir/base'
import type { Estate } from '../model/estate.ts'
import { estateSchema } from './estate-schema.ts'

/**
 * The estate that a document holds: every field checked, ids unique, references found. It is a copy; its own
 * `JSON.stringify` is the document again.
 * @throws ESTATE_INVALID with up to 100 causes that name the fields
 */
export function parseEstate(document: unknown, label = 'estate'): Estate {
  const causes: FieldCause[] = []
  const estate = estateSchema(document, '', causes)
  if (causes.length === 0) checkReferences(estate, causes)
  if (causes.length === 0) return estate
  const [first] = causes
  throw new WeirError(
    'ESTATE_INVALID',
    `'${label}' is no estate that can be read: ${first?.field === '' ? 'it' : `'${first?.field ?? ''}'`} ${first?.message ?? ''}` +
      `${causes.length > 1 ? `. Wrong as well: ${causes.length - 1} more` : ''}. See docs/reference/estate.md for its fields.`,
    { causes },
  )
}

function checkReferences(estate: Estate, causes: FieldCause[]): void {
  const ids = (lists: readonly { readonly id: string }[], name: string): ReadonlySet<string> => {
    const known = new Set<string>()
    for (const [index, { id }] of lists.entries()) {
      if (known.has(id)) causes.push({ field: `${name}[${index}].id`, message: `must be unique; '${id}' stands twice` })
      known.add(id)
    }
    return known
  }
  const sources = ids(estate.sources, 'sources')
  const clusters = ids(estate.clusters, 'clusters')
  const hosts = ids(estate.hosts, 'hosts')
  ids(estate.datastores, 'datastores')
  ids(estate.networks, 'networks')
  ids(estate.machines, 'machines')
  const need = (known: ReadonlySet<string>, id: string | undefined, field: string): void => {
    if (id !== undefined && !known.has(id))
      causes.push({ field, message: `must name an object of the estate; there is no '${id}'` })
  }
  for (const name of ['clusters', 'hosts', 'datastores', 'networks', 'machines'] as const)
    for (const [index, each] of estate[name].entries()) need(sources, each.sourceId, `${name}[${index}].sourceId`)
  for (const [index, host] of estate.hosts.entries()) need(clusters, host.clusterId, `hosts[${index}].clusterId`)
  for (const [index, machine] of estate.machines.entries()) {
    need(clusters, machine.clusterId, `machines[${index}].clusterId`)
    need(hosts, machine.hostId, `machines[${index}].hostId`)
  }
  causes.splice(100)
}

import { finding } from '../findings/finding.ts'
import { type Estate, estateVersion, type EstateSource, type Finding } from '../model/estate.ts'
import { present } from '../model/present.ts'

/**
 * One estate of several. An object that stands in more than one comes from the estate that was collected last (the later
 * argument, if neither is newer) and is told as `Stale`. Sources of one id and different content are kept apart.
 */
export function mergeEstates(name: string, estates: readonly Estate[]): Estate {
  const renamed = withOwnSources(estates)
  const byAge = renamed.toSorted((a, b) => collectedMillis(a) - collectedMillis(b))
  const stale: Finding[] = []
  const newest = byAge.at(-1)?.metadata.collectedTime
  return {
    apiVersion: estateVersion,
    kind: 'Estate',
    metadata: { name, ...present({ collectedTime: newest }) },
    sources: renamed.flatMap(({ sources }) => sources),
    clusters: newestOf(byAge, 'clusters', () => {}),
    hosts: newestOf(byAge, 'hosts', (id) => stale.push(finding('host.inSeveralEstates', staleAt('host', id), { host: id }))),
    datastores: newestOf(byAge, 'datastores', () => {}),
    networks: newestOf(byAge, 'networks', () => {}),
    machines: newestOf(byAge, 'machines', (id) =>
      stale.push(finding('machine.inSeveralEstates', staleAt('machine', id), { machine: id })),
    ),
    findings: [...renamed.flatMap(({ findings }) => findings), ...stale],
  }
}

/** When an estate was collected, milliseconds since the epoch; one that does not say is older than all that do. */
const collectedMillis = ({ metadata: { collectedTime } }: Estate): number =>
  collectedTime === undefined ? 0 : Date.parse(collectedTime)

const staleAt = (type: 'host' | 'machine', id: string) => ({ kind: 'Stale' as const, object: `${type}/${id}` })

type ObjectList = 'clusters' | 'hosts' | 'datastores' | 'networks' | 'machines'

function newestOf<L extends ObjectList>(byAge: readonly Estate[], list: L, onTwice: (id: string) => void): Estate[L] {
  const byId = new Map<string, Estate[L][number]>()
  for (const estate of byAge)
    for (const each of estate[list]) {
      if (byId.has(each.id)) onTwice(each.id)
      byId.set(each.id, each)
    }
  return [...byId.values()] as unknown as Estate[L]
}

/** The estates with source ids that no two of them share. */
function withOwnSources(estates: readonly Estate[]): readonly Estate[] {
  const taken = new Set<string>()
  return estates.map((estate) => {
    const ids = new Map(estate.sources.map(({ id }) => [id, freeId(id, taken)]))
    for (const id of ids.values()) taken.add(id)
    if ([...ids].every(([id, own]) => id === own)) return estate
    const own = <T extends { readonly sourceId: string }>(list: readonly T[]): readonly T[] =>
      list.map((each) => ({ ...each, sourceId: ids.get(each.sourceId) ?? each.sourceId }))
    return {
      ...estate,
      sources: estate.sources.map((source): EstateSource => ({ ...source, id: ids.get(source.id) ?? source.id })),
      clusters: own(estate.clusters),
      hosts: own(estate.hosts),
      datastores: own(estate.datastores),
      networks: own(estate.networks),
      machines: own(estate.machines),
    }
  })
}

function freeId(id: string, taken: ReadonlySet<string>): string {
  for (let count = 2, free = id; ; count++, free = `${id} (${count - 1})`) if (!taken.has(free)) return free
}

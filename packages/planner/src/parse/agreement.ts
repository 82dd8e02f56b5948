import type { Host, HostType, PlacementProblem } from '../problem.ts'
import { type Fields, quote } from './fields.ts'

/** Notes fields that are sound by themselves and make no sense beside others: prices of some types only, domains that no host is in. */
export function refuseDisagreements(fields: Fields, { hostTypes, hosts, policy }: PlacementProblem): void {
  const { objective, failover } = policy ?? {}
  hostTypes.forEach(({ price, watts }, index) => {
    if (objective === 'Price' && price === undefined && hostTypes.some((other) => other.price !== undefined))
      fields.refuse(`hostTypes[${index}].price`, 'must be given where `policy.objective` is Price and other host types have one')
    if (objective === 'Watts' && watts === undefined)
      fields.refuse(`hostTypes[${index}].watts`, 'must be given where `policy.objective` is Watts')
  })
  const key = failover?.topologyKey
  if (key === undefined || key === 'host') return
  const labels = [...hostTypes, ...(hosts ?? [])].flatMap((each) => Object.keys(each.labels ?? {}))
  if (labels.includes(key)) return
  const known = [...new Set(labels)].slice(0, 10).map(quote)
  fields.refuse(
    'policy.failover.topologyKey',
    `must be 'host' or a label of hosts or host types, and none has '${key}'; there are: ${known.join(', ') || 'none'}`,
  )
}

/** Host types of which `hosts` lists some have the count of those, unless they say another: what exists does not multiply. */
export function withCounts(hostTypes: readonly HostType[], hosts: readonly Host[]): readonly HostType[] {
  const listed = Map.groupBy(hosts, ({ type }) => type)
  return hostTypes.map((type) => {
    const count = type.count ?? listed.get(type.name)?.length
    return count === undefined ? type : { ...type, count }
  })
}

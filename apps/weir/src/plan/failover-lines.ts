import type { Failover, FailoverCertificate, PlacementPlan, PlacementProblem } from '@weir/planner'
import { listed } from '../text/list-lines.ts'

const mostFailures = 10
const mostNamed = 5
const indent = ' '.repeat(10)

/** The failures that were looked at and what each of them would leave without a place; nothing if the policy names no failure. */
export function failoverLines(problem: PlacementProblem, plan: PlacementPlan): readonly string[] {
  const failover = problem.policy?.failover
  if (failover === undefined || ((failover.hosts ?? 0) === 0 && failover.topologyKey === undefined)) return []
  const { certificates } = plan
  const short = certificates.filter(({ unplaced }) => unplaced.length > 0)
  const relaxed = certificates.filter((certificate) => certificate.relaxed !== undefined)
  return [
    `Failover  ${verdict(failover, certificates, short)}`,
    ...failureLines(short, ({ unplaced }) => `no place for ${listed(unplaced, mostNamed)}`),
    ...failureLines(relaxed, ({ relaxed: rules = [] }) => `broken until it is mended: ${listed(rules, mostNamed)}`),
    ...outsideLines(problem, plan, failover.topologyKey ?? 'host'),
  ]
}

/** The hosts of the plan that fail with no domain of `topologyKey`, as neither they nor their types have that label. */
function outsideLines({ hosts = [], hostTypes }: PlacementProblem, plan: PlacementPlan, topologyKey: string): readonly string[] {
  if (topologyKey === 'host') return []
  const [ofType, ofHost] = [hostTypes, hosts].map((list) => new Map(list.map(({ name, labels = {} }) => [name, labels])))
  const outside = plan.hosts.filter(({ name, type }) =>
    [ofType?.get(type), ofHost?.get(name)].every((labels = {}) => !Object.hasOwn(labels, topologyKey)),
  )
  if (outside.length === 0) return []
  const names = outside.map(({ name }) => name)
  return [`${indent}without the label ${topologyKey}, and so in no failure of one: ${listed(names, mostNamed)}`]
}

function verdict(
  { hosts = 0, topologyKey }: Failover,
  certificates: readonly FailoverCertificate[],
  short: readonly FailoverCertificate[],
): string {
  const what = [
    ...(hosts > 0 ? [hosts === 1 ? 'of any host' : `of any ${hosts} hosts`] : []),
    ...(topologyKey === undefined ? [] : [`of any ${topologyKey}`]),
  ].join(' and ')
  const looked = `${certificates.length} ${certificates.length === 1 ? 'failure' : 'failures'} looked at (${what})`
  return short.length === 0
    ? `certified: ${looked}, and what is protected has a place after each; -o json names it`
    : `NOT certified: ${looked}, and after ${short.length} of them something has no place`
}

function failureLines(
  certificates: readonly FailoverCertificate[],
  textOf: (certificate: FailoverCertificate) => string,
): readonly string[] {
  const more = certificates.length - mostFailures
  return [
    ...certificates
      .slice(0, mostFailures)
      .map((certificate) => `${indent}without ${listed(certificate.lostHosts, mostNamed)}: ${textOf(certificate)}`),
    ...(more > 0 ? [`${indent}and ${more} more failures; -o json shows all`] : []),
  ]
}

import type { Failover, FailoverCertificate, PlacementPlan, PlacementProblem } from '@weir/planner'
import { listed } from '../text/list-lines.ts'

const mostFailures = 10
const mostNamed = 5

/** The failures that were looked at and what each of them would leave without a place; nothing if the policy names no failure. */
export function failoverLines({ policy, hosts = [], hostTypes }: PlacementProblem, plan: PlacementPlan): readonly string[] {
  const failover = policy?.failover
  if (failover === undefined || ((failover.hosts ?? 0) === 0 && failover.topologyKey === undefined)) return []
  const { certificates } = plan
  const short = certificates.filter(({ unplaced }) => unplaced.length > 0)
  const relaxed = certificates.filter((certificate) => certificate.relaxed !== undefined)
  const labelsOf = new Map<string, object>(hostTypes.map(({ name, labels = {} }) => [name, labels]))
  const ownLabels = new Map<string, object>(hosts.map(({ name, labels = {} }) => [name, labels]))
  const key = failover.topologyKey ?? 'host'
  const outside =
    key === 'host'
      ? []
      : plan.hosts.filter(({ name, type }) => !Object.hasOwn({ ...labelsOf.get(type), ...ownLabels.get(name) }, key))
  return [
    `Failover  ${verdict(failover, certificates, short)}`,
    ...failureLines(short, ({ unplaced }) => `no place for ${listed(unplaced, mostNamed)}`),
    ...failureLines(relaxed, ({ relaxed: rules = [] }) => `broken until it is mended: ${listed(rules, mostNamed)}`),
    ...(outside.length === 0
      ? []
      : [
          `          without the label ${key}, and so in no failure of one: ${listed(
            outside.map(({ name }) => name),
            mostNamed,
          )}`,
        ]),
  ]
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
      .map((certificate) => `          without ${listed(certificate.lostHosts, mostNamed)}: ${textOf(certificate)}`),
    ...(more > 0 ? [`          and ${more} more failures; -o json shows all`] : []),
  ]
}

import type { FailoverCertificate } from '../plan.ts'
import type { Failover, Workload } from '../problem.ts'
import { checkHostLoad, checkSelector } from './host-load.ts'
import type { ProblemIndex, SeenHost } from './problem-index.ts'
import { type BoundRule, type Break, bindRules, breaksOf, domainOf, domainsOf } from './rules.ts'
import type { Violation } from './violation.ts'
import { afterFailure, type World } from './world.ts'

/** What a certificate is checked against. */
interface Context {
  readonly index: ProblemIndex
  readonly world: World
  readonly rules: readonly BoundRule[]
  /** Rules by workload: those that it can break by moving. */
  readonly rulesOf: ReadonlyMap<Workload, readonly BoundRule[]>
  /** The world before any failure without the workloads that may be shed. */
  readonly protectedBefore: World
}

/**
 * Whether every failure that the policy names has a certificate, and whether each certificate holds: every protected workload
 * of the lost hosts has a target that is left, is in the plan, takes workloads, and carries it by capacity, NUMA, devices,
 * selectors and required rules: each is broken no more often than before, unless the policy lets it be and the certificate names it.
 * Before and after a failure workloads that may be shed count nowhere. `certificates` is read once.
 */
export function checkCertificates(index: ProblemIndex, world: World, certificates: Iterable<FailoverCertificate>): Violation[] {
  const failover = index.problem.policy?.failover
  if (failover === undefined) return []
  const context = contextOf(index, world)
  const closed = new ClosedSets(context)
  const seen = new Set<string>()
  const violations: Violation[] = []
  for (const certificate of certificates) {
    seen.add(keyOf(certificate.lostHosts))
    violations.push(...checkCertificate(context, certificate, closed))
  }
  for (const lost of failuresOf(failover, world)) {
    if (seen.has(keyOf(lost))) continue
    const message = `No certificate says what happens if ${lost.join(', ')} fail.`
    violations.push({ kind: 'Certificate', subject: lost.join(','), message })
  }
  return [...violations, ...closed.violations()]
}

/** Every set of hosts that may fail at once: all sets of `hosts` hosts, and each domain of `topologyKey`. */
function* failuresOf(failover: Failover, world: World): Generator<readonly string[]> {
  const names = [...world.hosts.keys()]
  if (failover.hosts !== undefined && failover.hosts > 0) yield* subsets(names, Math.min(failover.hosts, names.length))
  const { topologyKey } = failover
  if (topologyKey === undefined) return
  for (const domain of domainsOf(world, topologyKey)) {
    yield [...world.hosts.values()].filter((host) => domainOf(host, topologyKey) === domain).map((host) => host.name)
  }
}

/** All sets of `size` of `items`. */
function* subsets(items: readonly string[], size: number): Generator<readonly string[]> {
  if (size === 0) yield []
  else {
    for (const [at, item] of items.entries()) for (const rest of subsets(items.slice(at + 1), size - 1)) yield [item, ...rest]
  }
}

function keyOf(lostHosts: readonly string[]): string {
  return JSON.stringify(lostHosts.toSorted())
}

function contextOf(index: ProblemIndex, world: World): Context {
  const rules = bindRules(index.problem).filter(({ rule }) => rule.enforcement !== 'Preferred')
  const rulesOf = new Map<Workload, BoundRule[]>()
  for (const bound of rules) {
    for (const workload of new Set([...bound.members, ...bound.others])) {
      rulesOf.set(workload, [...(rulesOf.get(workload) ?? []), bound])
    }
  }
  return { index, world, rules, rulesOf, protectedBefore: afterFailure(world, new Set(), new Map()) }
}

function checkCertificate(context: Context, certificate: FailoverCertificate, closed: ClosedSets): Violation[] {
  const { index, world } = context
  const subject = certificate.lostHosts.join(',')
  const found = (message: string): Violation => ({ kind: 'Certificate', subject, message })
  const lost = new Set(certificate.lostHosts)
  const displaced = certificate.lostHosts.flatMap((host) => world.on(host)).filter((workload) => workload.isProtected !== false)
  const named = new Map(Object.entries(certificate.targets))
  const violations = certificate.unplaced.map((workload) => found(`${workload} would have no place.`))
  const targets = new Map<Workload, SeenHost>()
  for (const workload of displaced) {
    const target = world.hosts.get(named.get(workload.name) ?? '')
    if (target === undefined || lost.has(target.name)) {
      violations.push(found(`${workload.name} has no target among the hosts that are left.`))
    } else if ((target.existing?.state ?? 'Ready') !== 'Ready') {
      violations.push(found(`${workload.name} would go to ${target.name}, which takes nothing.`))
    } else targets.set(workload, target)
  }
  for (const name of named.keys()) {
    const workload = index.workloads.get(name)
    if (workload === undefined || !lost.has(world.hostOf(workload)?.name ?? '')) {
      violations.push(found(`${name} has a target and was not on a lost host.`))
    }
  }
  const after = afterFailure(world, lost, targets)
  closed.see(targets)
  return [
    ...violations,
    ...checkAfter(context, after, targets).map(({ message }) => found(message)),
    ...checkRelaxed(context, { after, targets, relaxed: certificate.relaxed ?? [] }).map(found),
  ]
}

/** What is wrong with the hosts that took something in. */
function checkAfter({ index }: Context, after: World, targets: ReadonlyMap<Workload, SeenHost>): Violation[] {
  const loads = [...new Set(targets.values())].flatMap((host) => checkHostLoad(index.problem, host, after.on(host.name)))
  const selectors = [...targets].flatMap(([workload, host]) => checkSelector(host, workload))
  return [...loads, ...selectors]
}

interface AfterFailure {
  readonly after: World
  readonly targets: ReadonlyMap<Workload, SeenHost>
  /** Names of the rules that the certificate admits to break. */
  readonly relaxed: readonly string[]
}

/** Rules that the targets break and should not, and rules that are said to be broken and are not. */
function checkRelaxed(context: Context, { after, targets, relaxed }: AfterFailure): readonly string[] {
  const { index, rules, rulesOf, protectedBefore } = context
  const mayRelax = index.problem.policy?.failover?.rules === 'Preferred'
  const named = rules.filter(({ rule }) => relaxed.includes(rule.name))
  const concerned = new Set([...named, ...[...targets.keys()].flatMap((workload) => rulesOf.get(workload) ?? [])])
  const messages = relaxed.length > named.length ? ['A rule is named as relaxed that the problem does not require.'] : []
  for (const bound of concerned) {
    const { name, type } = bound.rule
    const breaks = breaksOf(bound, after)
    const isBroken = timesOf(breaks) > timesOf(breaksOf(bound, protectedBefore))
    const isNamed = relaxed.includes(name)
    if (isNamed && !isBroken) messages.push(`${name} is named as relaxed and is not broken.`)
    if (!isBroken || (isNamed && mayRelax && type !== 'ClosedHostSet')) continue
    messages.push(...breaks.map(({ message }) => `${name}: ${message}`))
  }
  return messages
}

const timesOf = (breaks: readonly Break[]): number => breaks.reduce((sum, { count }) => sum + count, 0)

/** Closed host sets over the plan and all failures together: what a member may ever use, nobody else may ever use. */
class ClosedSets {
  readonly #context: Context
  readonly #sets: readonly { readonly bound: BoundRule; readonly members: ReadonlySet<Workload>; readonly hosts: Set<string> }[]
  readonly #guests = new Map<string, Set<Workload>>()

  constructor(context: Context) {
    this.#context = context
    this.#sets = context.rules
      .filter(({ rule }) => rule.type === 'ClosedHostSet')
      .map((bound) => ({
        bound,
        members: new Set(bound.members),
        hosts: new Set(bound.members.flatMap((workload) => context.world.hostOf(workload)?.name ?? [])),
      }))
  }

  /** Takes note of the targets of one certificate. */
  see(targets: ReadonlyMap<Workload, SeenHost>): void {
    if (this.#sets.length === 0) return
    for (const [workload, host] of targets) {
      this.#guests.set(host.name, (this.#guests.get(host.name) ?? new Set()).add(workload))
      for (const set of this.#sets) if (set.members.has(workload)) set.hosts.add(host.name)
    }
  }

  violations(): Violation[] {
    return this.#sets.flatMap(({ bound, members, hosts }) => {
      const strangers = [...hosts].flatMap((host) =>
        [...this.#context.world.on(host), ...(this.#guests.get(host) ?? [])]
          .filter((workload) => !members.has(workload))
          .map((workload) => `${workload.name} uses or would use ${host}, which belongs to the closed set.`),
      )
      const { rule } = bound
      const max = rule.type === 'ClosedHostSet' ? rule.maxHosts : undefined
      const tooMany =
        max !== undefined && hosts.size > max ? [`With failover ${hosts.size} hosts are within reach; ${max} are allowed.`] : []
      return [...strangers, ...tooMany].map((message): Violation => ({ kind: 'Certificate', subject: rule.name, message }))
    })
  }
}

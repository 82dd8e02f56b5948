import {
  assessMachine,
  concernsOfCluster,
  createCheckContext,
  type Estate,
  type EstateConcern,
  type EstateSource,
  type Finding,
  type Readiness,
  type UserRule,
} from '@weir/estate'
import { hostModels, hostsInUse } from '../hosts/host-types.ts'
import { type Retirement, retirementOf } from '../retire/retirement.ts'
import { type RightSize, rightSize } from '../size/right-size.ts'
import type { AssessmentPolicy } from '../waterfall/policy.ts'
import { computeWaterfall, type Planner, type Waterfall } from '../waterfall/waterfall.ts'

/** The `apiVersion` of an assessment report. */
export const reportVersion = 'weir.dev/v1alpha1'

/** All that an assessment found, documented in docs/reference/assessment.md; every way to show it is made of this. */
export interface AssessmentReport {
  readonly apiVersion: typeof reportVersion
  readonly kind: 'AssessmentReport'
  readonly metadata: { readonly name: string; readonly collectedTime?: string; readonly assessedTime: string }
  readonly sources: readonly EstateSource[]
  readonly inventory: InventoryCounts
  readonly readiness: Readonly<Record<Readiness, number>>
  /** Hours of people's work for all machines that move. */
  readonly effortHours: number
  /** By id, the most frequent of the most severe first. */
  readonly concerns: readonly ConcernCount[]
  readonly machines: readonly MachineReport[]
  readonly clusterConcerns: readonly EstateConcern[]
  readonly findings: readonly Finding[]
  readonly waterfall: Waterfall
  readonly policy: PolicyShown
}

/** What there is. */
export interface InventoryCounts {
  readonly clusters: number
  readonly hosts: number
  readonly machines: number
  readonly poweredOn: number
  readonly templates: number
  readonly cpuCount: number
  readonly memoryBytes: number
  readonly provisionedBytes: number
  readonly usedBytes: number
}

/** How many machines have a concern. */
export interface ConcernCount {
  readonly id: string
  readonly severity: EstateConcern['severity']
  readonly count: number
  readonly remedy: string
}

/** One machine of the report. */
export interface MachineReport {
  readonly id: string
  readonly name: string
  readonly cluster?: string
  readonly readiness: Readiness
  readonly effortHours: number
  readonly warmBlockers: readonly string[]
  readonly concerns: readonly Pick<EstateConcern, 'id' | 'severity' | 'evidence' | 'values' | 'remedy'>[]
  readonly size: RightSize
  readonly retirement?: Retirement
}

/** The policy as a document: its pattern as text. */
type PolicyShown = Omit<AssessmentPolicy, 'size'> & {
  readonly size: Omit<AssessmentPolicy['size'], 'fixedMemory'> & { readonly fixedMemory: string }
}

/** What an assessment needs beside the estate. */
export interface AssessmentDeps {
  readonly policy: AssessmentPolicy
  readonly rules: readonly UserRule[]
  readonly planner: Planner
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Judges `estate`: readiness, concerns, sizes, what may be retired, and the waterfall of hosts. @throws what the planner throws. */
export async function assessEstate(estate: Estate, { policy, rules, planner, now }: AssessmentDeps): Promise<AssessmentReport> {
  const machines = assessMachines(estate, { policy, rules, now })
  const { collectedTime, name } = estate.metadata
  return {
    apiVersion: reportVersion,
    kind: 'AssessmentReport',
    metadata: { name, ...(collectedTime === undefined ? {} : { collectedTime }), assessedTime: new Date(now).toISOString() },
    sources: estate.sources,
    inventory: countInventory(estate),
    readiness: countReadiness(machines),
    effortHours: machines.reduce((sum, { effortHours }) => sum + effortHours, 0),
    concerns: countConcerns(machines),
    machines,
    clusterConcerns: estate.clusters.flatMap(concernsOfCluster),
    findings: estate.findings,
    waterfall: await computeWaterfall(estate, policy, planner),
    policy: { ...policy, size: { ...policy.size, fixedMemory: String(policy.size.fixedMemory) } },
  }
}

function assessMachines(estate: Estate, { policy, rules, now }: Omit<AssessmentDeps, 'planner'>): readonly MachineReport[] {
  const largest = largestTarget(estate, policy)
  const context = createCheckContext(estate, { now, ...(largest === undefined ? {} : { target: largest }) })
  return estate.machines.map((machine) => {
    const { readiness, concerns, effortHours, warmBlockers } = assessMachine(machine, context, rules)
    const cluster = context.clusterById.get(machine.clusterId ?? '')?.name
    const retirement = readiness === 'NotMoved' ? undefined : retirementOf(machine)
    return {
      id: machine.id,
      name: machine.name,
      ...(cluster === undefined ? {} : { cluster }),
      readiness,
      effortHours,
      warmBlockers,
      concerns: concerns.map(({ id, severity, evidence, values, remedy }) => ({ id, severity, evidence, values, remedy })),
      size: rightSize(machine, context.hostById.get(machine.hostId ?? '')?.cpuMhz, policy.size),
      ...(retirement === undefined ? {} : { retirement }),
    }
  })
}

/** The largest host that could be bought; else the largest that is there. */
function largestTarget(estate: Estate, { targetHosts }: AssessmentPolicy) {
  const shapes = targetHosts.length > 0 ? targetHosts : hostModels(hostsInUse(estate))
  if (shapes.length === 0) return undefined
  return {
    cores: Math.max(...shapes.map(({ cores }) => cores)),
    memoryBytes: Math.max(...shapes.map(({ memoryMebibytes }) => memoryMebibytes)) * 2 ** 20,
  }
}

function countInventory({ clusters, hosts, machines }: Estate): InventoryCounts {
  const sum = (of: (machine: Estate['machines'][number]) => number | undefined): number =>
    machines.reduce((total, machine) => total + (of(machine) ?? 0), 0)
  return {
    clusters: clusters.length,
    hosts: hosts.length,
    machines: machines.length,
    poweredOn: machines.filter(({ power }) => power === 'On').length,
    templates: machines.filter(({ type }) => type === 'Template').length,
    cpuCount: sum(({ cpu }) => cpu.count),
    memoryBytes: sum(({ memory }) => memory.sizeBytes),
    provisionedBytes: sum(({ provisionedBytes }) => provisionedBytes),
    usedBytes: sum(({ usedBytes }) => usedBytes),
  }
}

function countReadiness(machines: readonly MachineReport[]): AssessmentReport['readiness'] {
  const counts = { Ready: 0, ReadyWithWork: 0, Blocked: 0, NotMoved: 0 }
  for (const { readiness } of machines) counts[readiness]++
  return counts
}

function countConcerns(machines: readonly MachineReport[]): readonly ConcernCount[] {
  const counts = new Map<string, ConcernCount>()
  for (const { id, severity, remedy } of machines.flatMap(({ concerns }) => concerns))
    counts.set(id, { id, severity, remedy, count: (counts.get(id)?.count ?? 0) + 1 })
  const order = ['Critical', 'Warning', 'Information']
  return [...counts.values()].toSorted(
    (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || b.count - a.count || (a.id < b.id ? -1 : 1),
  )
}

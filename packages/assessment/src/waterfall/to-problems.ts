import type { HostType, PlacementProblem, PlacementRule, Timeline, Workload } from '@weir/planner'
import { kubevirtOverheadMebibytes } from '../hosts/kubevirt-overhead.ts'
import { type HostModel, toHostType } from '../hosts/host-types.ts'
import { commonTimeline, type CpuDemand, cpuDemand } from './curves.ts'
import type { Layout, LayoutGroup, SizedMachine } from './layout.ts'
import type { AssessmentPolicy } from './policy.ts'

/** One placement problem for each group of `layout`, in the same order. Amounts: millicores or MHz, MiB, pods. Pure. */
export const toProblems = (layout: Layout, policy: AssessmentPolicy): readonly PlacementProblem[] =>
  layout.groups.map((group) => toProblem(group, layout, policy))

function toProblem(group: LayoutGroup, layout: Layout, policy: AssessmentPolicy): PlacementProblem {
  const inCurves = layout.cpu === 'Curves'
  const timeline = inCurves ? commonTimeline(group.machines) : undefined
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    metadata: { name: group.name },
    resources: [
      inCurves ? { name: 'mhz', unit: 'MHz' } : { name: 'cpu', unit: 'millicores' },
      { name: 'memory', unit: 'MiB', transient: true },
      { name: 'pods', unit: 'pods' },
    ],
    ...(timeline === undefined ? {} : { timeline }),
    hostTypes: hostTypesOf(group, layout, policy),
    workloads: group.machines.map((sized) => toWorkload(sized, layout, timeline)),
    rules: antiAffinityRules(group),
    policy: {
      objective: group.models.some((model) => 'price' in model) ? 'Price' : 'Hosts',
      usageLimitPercent: { memory: layout.memoryLimitPercent, ...(inCurves ? { mhz: policy.cpuLimitPercent } : {}) },
      ...(policy.failoverHosts === 0 ? {} : { failover: { hosts: policy.failoverHosts } }),
      seed: policy.seed,
      budget: { iterations: policy.iterations },
    },
  }
}

/** What is there may be used up to its count; of the most frequent model more can be had. */
function hostTypesOf(
  { models }: LayoutGroup,
  { hosts, cpu, isKubevirt }: Layout,
  { reserveShare }: AssessmentPolicy,
): readonly HostType[] {
  return models.map((model, index) => ({
    ...toHostType(model.name, model, {
      countsMhz: cpu === 'Curves',
      reserveShare: isKubevirt ? reserveShare : 0,
      ...priceOf(model),
    }),
    ...(hosts === 'Bought' || index === 0 ? {} : { count: model.hosts.length }),
  }))
}

const priceOf = (model: HostModel & { readonly price?: number }) => (model.price === undefined ? {} : { price: model.price })

function toWorkload(sized: SizedMachine, layout: Layout, timeline: Timeline | undefined): Workload {
  const { machine, cpuCount, memoryMebibytes } = sized
  const hasPassthrough = machine.devices.some(({ type }) => type === 'PciPassthrough' || type === 'Vgpu' || type === 'Sriov')
  const isGuest = layout.isKubevirt && machine.type !== 'Container'
  const overhead = isGuest ? kubevirtOverheadMebibytes({ memoryMebibytes, cpuCount, hasPassthrough }) : 0
  const cpu: CpuDemand = layout.cpu === 'Curves' ? cpuDemand(sized, timeline) : { requests: { cpu: millicores(sized, layout) } }
  const always = { memory: memoryMebibytes + overhead, pods: 1 }
  return 'curves' in cpu
    ? { name: machine.id, requests: always, curves: cpu.curves }
    : { name: machine.id, requests: { ...cpu.requests, ...always } }
}

const millicores = ({ cpuCount, cpuRatio }: SizedMachine, { cpu }: Layout): number =>
  Math.ceil((cpuCount * 1000) / (cpu === 'OneToOne' ? 1 : cpuRatio))

/** DRS rules that keep machines apart stay in force. */
function antiAffinityRules({ machines }: LayoutGroup): readonly PlacementRule[] {
  const members = new Map<string, string[]>()
  for (const { machine } of machines)
    for (const { name, type } of machine.rules)
      if (/anti/iu.test(type ?? name)) members.set(name, [...(members.get(name) ?? []), machine.id])
  return [...members]
    .filter(([, names]) => names.length > 1)
    .map(([name, names]) => ({ type: 'AntiAffinity' as const, name, workloads: { names }, topologyKey: 'host' }))
}

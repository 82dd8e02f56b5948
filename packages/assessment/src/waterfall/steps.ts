import { type Note, note } from '../notes/note.ts'
import { type Confidence, evidenceOf, leastConfidence } from '../size/evidence.ts'
import { hostModels } from '../hosts/host-types.ts'
import { rightSize } from '../size/right-size.ts'
import { retirementOf } from '../retire/retirement.ts'
import type { Layout, LayoutGroup, SizedMachine } from './layout.ts'
import type { AssessmentPolicy } from './policy.ts'

/** The steps from an estate without overcommit to the proposed fabric, in the order in which they are taken. */
export const stepIds = [
  'OneToOne',
  'TodayOvercommit',
  'OneFabric',
  'RightSized',
  'TimeAware',
  'HardwareGeneration',
  'IdleRetired',
] as const
/** One of `stepIds`. */
export type StepId = (typeof stepIds)[number]

/** A step taken: the layout after it, what it rests on, and what it could not use. */
interface StepTaken {
  readonly kind: 'Taken'
  readonly layout: Layout
  readonly confidence: Confidence
  readonly assumptions: readonly Note[]
  /** Machines that the step passed over, by reason. */
  readonly refused: readonly Refusal[]
}

/** A step that the estate gives no ground for. */
interface StepRefused {
  readonly kind: 'Refused'
  readonly reason: Note
  readonly remedy: Note
}

/** How many machines were passed over, and why. */
export interface Refusal {
  readonly reason: Note
  readonly count: number
}

type Step = (layout: Layout, policy: AssessmentPolicy) => StepTaken | StepRefused

/** What each step does to a layout. Pure. */
export const steps: Readonly<Record<StepId, Step>> = {
  OneToOne: (layout) =>
    taken(layout, {
      assumptions: [
        note('step.oneToOne'),
        ...(layout.groups.some(({ models }) => models.some(({ hosts }) => hosts.some(({ cores }) => cores === undefined)))
          ? [note('step.threads')]
          : []),
      ],
    }),

  TodayOvercommit: (layout, { vmwareMemoryLimitPercent, failoverHosts }) =>
    taken(
      { ...layout, cpu: 'Ratio' },
      {
        assumptions: [
          ...layout.groups.map(({ name, isCluster, machines }) => {
            const ratio = (machines[0]?.cpuRatio ?? 1).toFixed(1)
            return isCluster ? note('step.ratio', { cluster: name, ratio }) : note('step.ratioOutside', { ratio })
          }),
          note('step.clusters', { limit: vmwareMemoryLimitPercent, failures: failoverHosts }),
        ],
      },
    ),

  OneFabric: (layout, { reserveShare, failoverHosts }) =>
    taken(
      { ...layout, groups: [merge(layout.groups)], memoryLimitPercent: 100, isKubevirt: true },
      {
        assumptions: [
          note('step.fabric'),
          note('step.overhead', { reserve: Math.round(reserveShare * 100), failures: failoverHosts }),
        ],
      },
    ),

  RightSized: (layout, policy) => {
    const refusals: Note[] = []
    const confidences: Confidence[] = []
    const resize = (sized: SizedMachine): SizedMachine => {
      const { cpuCount, memoryMebibytes } = rightSize(sized.machine, sized.mhzPerCore || undefined, policy.size)
      for (const advice of [cpuCount, memoryMebibytes]) if (advice.kind === 'Resize') confidences.push(advice.evidence.confidence)
      if (memoryMebibytes.kind === 'Keep') refusals.push(memoryMebibytes.reason)
      return {
        ...sized,
        cpuCount: cpuCount.kind === 'Resize' ? cpuCount.to : sized.cpuCount,
        memoryMebibytes: memoryMebibytes.kind === 'Resize' ? memoryMebibytes.to : sized.memoryMebibytes,
      }
    }
    const sized = mapMachines(layout, resize)
    if (confidences.length === 0)
      return {
        kind: 'Refused',
        reason: note('step.noSizes'),
        remedy: note('step.noSizes.remedy'),
      }
    return taken(sized, { confidence: leastConfidence(confidences), refused: countReasons(refusals), assumptions: [] })
  },

  TimeAware: (layout, { cpuLimitPercent }) => {
    if (layout.groups.some(({ models }) => models.some(({ mhzPerCore }) => mhzPerCore === 0)))
      return { kind: 'Refused', reason: note('step.noClock'), remedy: note('step.noClock.remedy') }
    const machines = layout.groups.flatMap((group) => group.machines)
    const evidences = machines.flatMap(({ machine: { usage } }) =>
      usage?.cpuMhz === undefined ? [] : [evidenceOf(usage, usage.cpuMhz)],
    )
    const good = evidences.filter(({ confidence }) => confidence !== 'Low')
    if (good.length * 2 < machines.length || machines.length === 0)
      return {
        kind: 'Refused',
        reason: note('step.noCurves', { good: good.length, all: machines.length }),
        remedy: note('step.noCurves.remedy'),
      }
    const without = machines.length - evidences.length
    return taken(
      { ...layout, cpu: 'Curves' },
      {
        confidence: leastConfidence(good.map(({ confidence }) => confidence)),
        assumptions: [note('step.curves', { limit: cpuLimitPercent })],
        refused: without === 0 ? [] : [{ reason: note('step.noCurve'), count: without }],
      },
    )
  },

  HardwareGeneration: (layout, { targetHosts }) =>
    targetHosts.length === 0
      ? {
          kind: 'Refused',
          reason: note('step.noTargets'),
          remedy: note('step.noTargets.remedy'),
        }
      : taken(
          {
            ...layout,
            hosts: 'Bought',
            groups: layout.groups.map((group) => ({ ...group, models: targetHosts.map((target) => ({ ...target, hosts: [] })) })),
          },
          { assumptions: [note('step.mhz')] },
        ),

  IdleRetired: (layout) => {
    const idle = new Set(
      layout.groups.flatMap(({ machines }) =>
        machines.filter(({ machine }) => retirementOf(machine) !== undefined).map(({ machine }) => machine.id),
      ),
    )
    if (idle.size === 0)
      return {
        kind: 'Refused',
        reason: note('step.noIdle'),
        remedy: note('step.noIdle.remedy'),
      }
    return taken(
      {
        ...layout,
        groups: layout.groups.map((group) => ({
          ...group,
          machines: group.machines.filter(({ machine }) => !idle.has(machine.id)),
        })),
      },
      { confidence: 'Medium', assumptions: [note('step.idle', { count: idle.size })] },
    )
  },
}

function taken(
  layout: Layout,
  { confidence = 'High', assumptions, refused = [] }: Partial<Omit<StepTaken, 'kind' | 'layout'>>,
): StepTaken {
  return { kind: 'Taken', layout, confidence, assumptions: assumptions ?? [], refused }
}

const mapMachines = (layout: Layout, change: (machine: SizedMachine) => SizedMachine): Layout => ({
  ...layout,
  groups: layout.groups.map((group) => ({ ...group, machines: group.machines.map(change) })),
})

/** All groups as one, and their hosts. */
const merge = (groups: readonly LayoutGroup[]): LayoutGroup => ({
  name: 'fabric',
  isCluster: false,
  machines: groups.flatMap(({ machines }) => machines),
  models: hostModels([...new Set(groups.flatMap(({ models }) => models.flatMap(({ hosts }) => hosts)))]),
})

function countReasons(reasons: readonly Note[]): readonly Refusal[] {
  const counts = new Map<string, Refusal>()
  for (const given of reasons) {
    const reason = given.id === 'size.fixedMemory' ? note('step.fixedMemory') : given
    counts.set(reason.text, { reason, count: (counts.get(reason.text)?.count ?? 0) + 1 })
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count)
}

import type { Assignment, NamedSlot } from './assignment.ts'
import type { BoundValue } from './bound/bound.ts'
import { own, usableAmount } from './compile/host-classes.ts'
import { f64, i32, listAt } from './compile/typed-array.ts'
import { explainEmpty } from './explain/explain.ts'
import type { PlacementPlan, PlannedHost, Score, Unplaced } from './plan.ts'
import type { Workload } from './problem.ts'
import { itemsOn, type Packing, slotCost } from './search/packing.ts'

/** The parts of a plan that follow from who is where. */
export function describePlan(
  packing: Packing,
  assignment: Assignment,
  bound: BoundValue,
): Pick<PlacementPlan, 'hosts' | 'assignments' | 'unplaced' | 'score' | 'bound'> {
  const { problem } = packing.instance
  const pairs = problem.workloads.flatMap(({ name }, index): [string, string][] => {
    const host = assignment.hostOf[index]
    return host === undefined ? [] : [[name, host]]
  })
  const cost = assignment.slots.reduce((sum, { slot }) => sum + hostCost(packing, slot), 0)
  return {
    hosts: assignment.slots.map((named) => describeHost(packing, named)),
    assignments: Object.fromEntries(pairs),
    unplaced: describeUnplaced(packing, assignment),
    score: scorePlan(packing, assignment),
    bound: { ...bound, gapPercent: bound.value > 0 ? ((cost - bound.value) / bound.value) * 100 : 0 },
  }
}

/** A host that is kept empty for failures costs what it costs. */
const hostCost = (packing: Packing, slot: number): number =>
  i32(packing.itemCount, slot) === 0 ? f64(packing.instance.classes.cost, i32(packing.hostClass, slot)) : slotCost(packing, slot)

/** Workloads without a host; equal ones share their reasons. */
function describeUnplaced(packing: Packing, { hostOf }: Assignment): readonly Unplaced[] {
  const { types, problem } = packing.instance
  const found: [number, Unplaced][] = []
  for (let type = 0; type < types.count; type++) {
    if (i32(packing.waiting, type) === 0) continue
    const reasons = explainEmpty(packing, type)
    for (const item of listAt(types.items, type)) {
      for (const workload of listAt(types.workloads, item)) {
        const name = problem.workloads[workload]?.name ?? ''
        if (hostOf[workload] === undefined) found.push([workload, { workload: name, reasons }])
      }
    }
  }
  return found.toSorted(([a], [b]) => a - b).map(([, unplaced]) => unplaced)
}

function describeHost(packing: Packing, { slot, name }: NamedSlot): PlannedHost {
  const { problem, scalars, series, classes, types } = packing.instance
  const hostClass = i32(packing.hostClass, slot)
  const type = problem.hostTypes[i32(classes.type, hostClass)] ?? { name: '', capacity: {} }
  const nameOf = (index: number | undefined) => problem.resources[index ?? 0]?.name ?? ''
  const peak = [
    ...scalars.resources.map((resource, scalar): [string, number] => [
      nameOf(resource),
      f64(classes.usable, hostClass * scalars.count + scalar) - f64(packing.free, slot * scalars.count + scalar),
    ]),
    ...series.resources.map((resource, serial): [string, number] => [
      nameOf(resource),
      f64(classes.usableSeries, hostClass * series.count + serial) - f64(packing.freeMin, slot * series.count + serial),
    ]),
  ]
  const workloadCount = itemsOn(packing, slot).reduce(
    (sum, itemType) => sum + listAt(types.workloads, i32(types.items.values, i32(types.items.starts, itemType))).length,
    0,
  )
  return {
    name,
    type: type.name,
    workloadCount,
    peak: Object.fromEntries(peak),
    usable: Object.fromEntries(problem.resources.map((resource) => [resource.name, usableAmount(problem, type, resource.name)])),
  }
}

function scorePlan(packing: Packing, assignment: Assignment): Score {
  const { problem, classes } = packing.instance
  let price = 0
  let watts = 0
  let licencePrice = 0
  for (const { slot } of assignment.slots) {
    const type = problem.hostTypes[i32(classes.type, i32(packing.hostClass, slot))]
    price += type?.price ?? 1
    watts += type?.watts ?? 0
    licencePrice += licencesOn(packing, slot).reduce((sum, licence) => sum + (own(type?.licencePrices, licence) ?? 0), 0)
  }
  const moveMebibytes = problem.workloads.reduce((sum, workload, index) => sum + moveSize(workload, assignment.hostOf[index]), 0)
  return { hostCount: assignment.slots.length, price, licencePrice, watts, preference: packing.tracker.penalty(), moveMebibytes }
}

function licencesOn(packing: Packing, slot: number): readonly string[] {
  const { types, classes } = packing.instance
  const found = new Set([...itemsOn(packing, slot)].flatMap((type) => [...listAt(types.licences, type)]))
  return [...found].map((licence) => classes.licences[licence] ?? '')
}

/** Mebibytes that go over the network to bring `workload` to `host`: none if it is there, new, or nowhere. */
function moveSize(workload: Workload, host: string | undefined): number {
  if (host === undefined || workload.currentHost === undefined || workload.currentHost === host) return 0
  return workload.move?.mebibytes ?? own(workload.requests, 'memory') ?? 0
}

import type { PlacementProblem } from '../problem.ts'
import { compileRules } from './compile-rules.ts'
import { compileDevices } from './devices.ts'
import { findEligible } from './eligible.ts'
import { compileClasses, draftClasses, own } from './host-classes.ts'
import type { HostClasses, Instance, ItemTypes } from './instance.ts'
import { draftItems, type ItemDrafts } from './items.ts'
import { resolveMembership } from './membership.ts'
import { f64, i32, packLists } from './typed-array.ts'

/** `problem`, which must have passed `parseProblem`, as flat arrays. O(size of the problem + types * classes). */
export function compileProblem(problem: PlacementProblem): Instance {
  const membership = resolveMembership(problem)
  const classDrafts = draftClasses(problem)
  const closedHosts = new Set((problem.hosts ?? []).flatMap((host) => (host.state === 'Cordoned' ? [host.name] : [])))
  const itemDrafts = draftItems(problem, membership, closedHosts)
  const columns = splitResources(problem)
  const licences = [...new Set(problem.workloads.flatMap((workload) => workload.licence ?? []))].toSorted()
  const types = compileTypes(problem, itemDrafts, { ...columns, licences })
  const classes = compileClasses(problem, classDrafts, { ...columns, licences })
  const devices = compileDevices(problem, itemDrafts, classDrafts)
  const shape = {
    scalars: toColumns(problem, columns.scalars),
    series: { ...toColumns(problem, columns.series), points: columns.series.length === 0 ? 0 : (problem.timeline?.count ?? 0) },
  }
  return {
    problem,
    ...shape,
    types,
    classes,
    devices,
    eligible: findEligible({ problem, items: itemDrafts, drafts: classDrafts, types, classes, devices, closedHosts }),
    rules: compileRules(problem, membership, { items: itemDrafts, classes: classDrafts }),
    ...scarcity(types, classes, shape.series.points),
  }
}

interface ColumnNames {
  readonly scalars: readonly string[]
  readonly series: readonly string[]
  readonly licences: readonly string[]
}

function splitResources(problem: PlacementProblem): Omit<ColumnNames, 'licences'> {
  const curved = new Set(
    problem.workloads.flatMap((workload) => (workload.curves === undefined ? [] : Object.keys(workload.curves))),
  )
  const names = problem.resources.map(({ name }) => name)
  return { scalars: names.filter((name) => !curved.has(name)), series: names.filter((name) => curved.has(name)) }
}

const toColumns = (problem: PlacementProblem, names: readonly string[]) => ({
  count: names.length,
  resources: names.map((name) => problem.resources.findIndex((resource) => resource.name === name)),
})

function compileTypes(problem: PlacementProblem, drafts: ItemDrafts, columns: ColumnNames): ItemTypes {
  const { scalars, series, licences } = columns
  const points = problem.timeline?.count ?? 0
  const count = drafts.types.length
  const need = new Float64Array(count * scalars.length)
  const curve = new Float64Array(count * series.length * points)
  const peak = new Float64Array(count * series.length)
  const total = new Float64Array(count * series.length)
  drafts.types.forEach((type, index) => {
    for (const workload of type.sample) {
      scalars.forEach((name, scalar) => {
        const at = index * scalars.length + scalar
        need[at] = f64(need, at) + (own(workload.requests, name) ?? 0)
      })
      series.forEach((name, serial) => {
        const values = own(workload.curves, name)
        const start = (index * series.length + serial) * points
        const request = own(workload.requests, name) ?? 0
        for (let point = 0; point < points; point++) {
          curve[start + point] = f64(curve, start + point) + (values?.[point] ?? request)
        }
      })
    }
  })
  for (let row = 0; row < peak.length; row++) {
    for (let at = row * points; at < (row + 1) * points; at++) {
      peak[row] = Math.max(f64(peak, row), f64(curve, at))
      total[row] = f64(total, row) + f64(curve, at)
    }
  }
  return {
    count,
    amount: Int32Array.from(drafts.types, (type) => type.items.length),
    need,
    curve,
    peak,
    total,
    items: packLists(drafts.types.map((type) => type.items)),
    workloads: packLists(drafts.items),
    licences: packLists(
      drafts.types.map((type) => [
        ...new Set(type.sample.flatMap(({ licence }) => (licence === undefined ? [] : licences.indexOf(licence)))),
      ]),
    ),
  }
}

/** How much of what hosts offer on average is asked for, by resource, scaled to a sum of 1. */
function scarcity(types: ItemTypes, classes: HostClasses, points: number): Pick<Instance, 'weights' | 'scale'> {
  const scalarCount = types.count === 0 ? 0 : types.need.length / types.count
  const seriesCount = types.count === 0 ? 0 : types.peak.length / types.count
  const ratios = new Float64Array(scalarCount + seriesCount)
  const averages = new Float64Array(scalarCount + seriesCount)
  for (let column = 0; column < ratios.length; column++) {
    const serial = column - scalarCount
    const [table, width, offset] = serial < 0 ? [types.need, scalarCount, column] : [types.total, seriesCount, serial]
    const usable = serial < 0 ? classes.usable : classes.usableSeries
    let demand = 0
    for (let type = 0; type < types.count; type++) demand += i32(types.amount, type) * f64(table, type * width + offset)
    let offered = 0
    for (let row = 0; row < classes.count; row++) offered += f64(usable, row * width + offset)
    const average = (offered / Math.max(1, classes.count)) * (serial < 0 ? 1 : points)
    averages[column] = average
    ratios[column] = average > 0 ? (demand / average) ** 2 : 0
  }
  const sum = ratios.reduce((total, ratio) => total + ratio, 0)
  const weights = sum > 0 ? ratios.map((ratio) => ratio / sum) : ratios.fill(ratios.length === 0 ? 0 : 1 / ratios.length)
  return { weights, scale: weights.map((weight, column) => (f64(averages, column) > 0 ? weight / f64(averages, column) : 0)) }
}

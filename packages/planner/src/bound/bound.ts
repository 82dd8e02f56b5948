import { compileProblem } from '../compile/compile.ts'
import type { Instance } from '../compile/instance.ts'
import { f64 } from '../compile/typed-array.ts'
import type { Bound } from '../plan.ts'
import type { Workload } from '../problem.ts'
import { type Column, columnsOf } from './columns.ts'
import { concaveHosts } from './concave.ts'
import { coverProgram, type CoverSolver, surrogateCost } from './cover.ts'
import { deviceColumns } from './devices.ts'
import { dualFeasibleHosts } from './dual-feasible.ts'
import { groupHosts } from './group.ts'
import { licenceFloor } from './licences.ts'
import { closedParts } from './parts.ts'
import { coverCost } from './volume.ts'
import { wasteHosts } from './waste.ts'

/** A bound before the plan is known. */
export type BoundValue = Omit<Bound, 'gapPercent'>

/** Arguments with the bounds that they prove. */
type Arguments = BoundValue['all']

/**
 * What every plan that places all workloads costs at least, in the unit of the objective. Each argument is valid by itself; the best
 * counts, and the first of equal ones. Sums of whole costs are rounded up. `solveCover` sharpens the bound where host types differ.
 */
export function computeBound(instance: Instance, solveCover?: CoverSolver): BoundValue {
  if (instance.classes.count === 0 || instance.types.count === 0) return bestOf([])
  const hosts = hostArguments(instance, solveCover)
  const licences = licenceBound(instance)
  const parts = closedParts(instance.problem)
  return bestOf([
    ...hosts,
    ...(licences > 0 ? [{ by: 'Licences' as const, value: bestOf(hosts).value + licences }] : []),
    ...(parts.length > 1 ? [{ by: 'ClosedSets' as const, value: sumOfParts(instance, parts, solveCover) }] : []),
  ])
}

/** What the hosts alone of such a plan cost at least. */
export function hostBound(instance: Instance, solveCover?: CoverSolver): number {
  if (instance.classes.count === 0 || instance.types.count === 0) return 0
  return bestOf(hostArguments(instance, solveCover)).value
}

/** What licences alone cost at least. */
export function licenceBound(instance: Instance): number {
  if (instance.classes.count === 0) return 0
  return licenceFloor(instance, [...columnsOf(instance), ...deviceColumns(instance)])
}

/** Parts that share no host cost what each of them costs. */
const sumOfParts = (
  { problem }: Instance,
  parts: readonly (readonly Workload[])[],
  solveCover: CoverSolver | undefined,
): number =>
  parts.reduce((sum, workloads) => sum + computeBound(compileProblem({ ...problem, workloads, rules: [] }), solveCover).value, 0)

/** The first of the best of `all`; without any the sum of nothing, which is an argument too. */
function bestOf(all: Arguments): BoundValue {
  const [first = { by: 'Volume' as const, value: 0 }, ...others] = all
  return { ...others.reduce((most, next) => (next.value > most.value ? next : most), first), all: [first, ...others] }
}

function hostArguments(instance: Instance, solveCover: CoverSolver | undefined): Arguments {
  const columns = columnsOf(instance)
  const devices = deviceColumns(instance)
  const covered = [...columns, ...devices]
  const hosts = (count: number) => coverCost(instance, Math.ceil(count * (1 - 1e-9)), () => 1)
  const volume = (list: readonly Column[]) => best(list.map((column) => coverCost(instance, column.demand, column.usableOf)))
  const alone = (list: readonly Column[]) => hosts(best(list.map((column) => dualFeasibleHosts(instance, column))))
  const areHostsEqual = instance.classes.count === 1
  const all: Arguments = [
    { by: 'Volume', value: volume(columns.filter(({ isMoment }) => !isMoment)) },
    { by: 'DualFeasible', value: Math.max(alone(sharpColumns(columns)), hosts(concaveHosts(instance, sharpColumns(columns)))) },
    { by: 'Waste', value: hosts(wasteHosts(instance, columns)) },
    ...(instance.series.count > 0 ? [{ by: 'Time' as const, value: volume(columns.filter(({ isMoment }) => isMoment)) }] : []),
    ...(devices.length > 0 ? [{ by: 'Devices' as const, value: Math.max(volume(devices), alone(devices)) }] : []),
    ...(areHostsEqual
      ? []
      : [
          {
            by: 'Cover' as const,
            value: Math.max(surrogateCost(instance, covered), solveCover?.(coverProgram(instance, covered)) ?? 0),
          },
        ]),
    { by: 'Group', value: hosts(groupHosts(instance)) },
  ]
  return all.map(({ by, value }) => ({ by, value: roundUp(instance, value) }))
}

const best = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, value), 0)

/** All dimensions but the moments, and of these the busiest. */
function sharpColumns(columns: readonly Column[]): readonly Column[] {
  const moments = columns.filter((column) => column.isMoment).toSorted((a, b) => b.demand - a.demand)
  return [...columns.filter((column) => !column.isMoment), ...moments.slice(0, 3)]
}

/** Rounds up to what a sum of whole costs can be, after lowering by what floating point may have added. */
function roundUp({ classes }: Instance, value: number): number {
  const lowered = value * (1 - 1e-9)
  for (let index = 0; index < classes.count; index++) if (!Number.isInteger(f64(classes.cost, index))) return lowered
  return Math.ceil(lowered)
}

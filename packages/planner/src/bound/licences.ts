import type { Instance } from '../compile/instance.ts'
import { f64, listAt } from '../compile/typed-array.ts'
import type { Column } from './columns.ts'
import { dualFeasibleHosts } from './dual-feasible.ts'
import { coverCost, sumOver } from './volume.ts'

/**
 * What licences cost at least: for each licence, hosts that carry all workloads which need it must be licensed, at the least price that covers
 * what these need of any dimension. It comes on top of what hosts cost. 0 where the objective counts no licences. O(licences *
 * dimensions * types).
 */
export function licenceFloor(instance: Instance, columns: readonly Column[]): number {
  return instance.classes.licences.reduce((sum, _, licence) => sum + floorOf(instance, columns, licence), 0)
}

function floorOf(instance: Instance, columns: readonly Column[], licence: number): number {
  const { types, classes, eligible } = instance
  const priceOf = (hostClass: number): number => f64(classes.licenceCost, hostClass * classes.licences.length + licence)
  const licensed = Array.from({ length: types.count }, (_, type) => listAt(types.licences, type).includes(licence))
  const mayHold = Array.from({ length: classes.count }, (_, hostClass) =>
    licensed.some((isLicensed, type) => isLicensed && eligible[type * classes.count + hostClass] === 1),
  )
  const own = columns.map((column): Column => {
    const needOf = (type: number): number => (licensed[type] === true ? column.needOf(type) : 0)
    const usableOf = (hostClass: number): number => (mayHold[hostClass] === true ? column.usableOf(hostClass) : 0)
    return { isMoment: column.isMoment, needOf, usableOf, demand: sumOver(instance, needOf) }
  })
  const hostCount = own
    .filter(({ isMoment }) => !isMoment)
    .reduce((most, column) => Math.max(most, dualFeasibleHosts(instance, column)), 1)
  const perHost = coverCost(instance, hostCount, (hostClass) => (mayHold[hostClass] === true ? 1 : 0), priceOf)
  const floor = own.reduce(
    (most, { demand, usableOf }) => Math.max(most, coverCost(instance, demand, usableOf, priceOf)),
    perHost,
  )
  const isWhole = mayHold.every((_, hostClass) => Number.isInteger(priceOf(hostClass)))
  return isWhole ? Math.ceil(floor * (1 - 1e-9)) : floor * (1 - 1e-9)
}

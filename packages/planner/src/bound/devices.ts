import type { Instance } from '../compile/instance.ts'
import { f64, i32, listAt } from '../compile/typed-array.ts'
import type { Column } from './columns.ts'
import { leastBins } from './dual-feasible.ts'
import { sumOver } from './volume.ts'

/** Thousandths of one device. */
const whole = 1000

/** Requests that a set of models must serve alone, and which devices they may take. */
interface Claim {
  readonly rows: readonly number[]
  readonly models: ReadonlySet<number>
  readonly isShared: boolean
}

/**
 * Devices as dimensions that hosts must cover, in thousandths, which sum without error: for each set of models that requests name, what can be served by these
 * alone; and apart, what asks for shares and so for devices that may be shared. What does not fit one device with anything else counts as
 * a whole one. O(sets of models * requests * types).
 */
export function deviceColumns(instance: Instance): readonly Column[] {
  const { devices, classes } = instance
  if (devices.shares.length === 0) return []
  return claimsOf(instance).map((claim) => {
    const inClaim = new Set(claim.rows)
    const offer = Float64Array.from({ length: classes.count }, (_, hostClass) => whole * offered(instance, hostClass, claim))
    const needOf = (type: number): number =>
      listAt(devices.requests, type).reduce(
        (sum, row) => (inClaim.has(row) ? sum + i32(devices.shares, row) * i32(devices.deviceCount, row) : sum),
        0,
      )
    const demand = Math.max(sumOver(instance, needOf), whole * leastDevices(instance, claim.rows))
    return { isMoment: false, demand, needOf, usableOf: (hostClass) => f64(offer, hostClass) }
  })
}

function claimsOf({ devices }: Instance): readonly Claim[] {
  const modelCount = devices.models.length
  const modelsOf = (row: number): readonly number[] =>
    devices.models.flatMap((_, model) => (devices.accepts[row * modelCount + model] === 1 ? model : []))
  const rows = [...devices.shares.keys()]
  const sets = new Map(rows.map((row) => [modelsOf(row).join(), new Set(modelsOf(row))]))
  return [...sets.values()].flatMap((models) => {
    const within = rows.filter((row) => modelsOf(row).every((model) => models.has(model)))
    const sharing = within.filter((row) => i32(devices.shares, row) < whole)
    return [{ rows: within, models, isShared: false }, ...(sharing.length > 0 ? [{ rows: sharing, models, isShared: true }] : [])]
  })
}

/** Devices of a host that may serve the claim; a pool's code is twice its model, and one more if it may be shared. */
const offered = ({ devices }: Instance, hostClass: number, { models, isShared }: Claim): number =>
  listAt(devices.pools, hostClass).filter((code) => models.has(code >> 1) && (!isShared || (code & 1) === 1)).length

function leastDevices({ devices, types }: Instance, rows: readonly number[]): number {
  const asked = new Map(rows.map((row) => [row, 0]))
  for (let type = 0; type < types.count; type++) {
    for (const row of listAt(devices.requests, type)) {
      const before = asked.get(row)
      if (before !== undefined) asked.set(row, before + i32(types.amount, type) * i32(devices.deviceCount, row))
    }
  }
  return leastBins({
    sizes: Float64Array.from(rows, (row) => i32(devices.shares, row)),
    amount: Int32Array.from(rows, (row) => asked.get(row) ?? 0),
    capacity: whole,
  })
}

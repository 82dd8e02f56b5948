import { i32 } from '../compile/typed-array.ts'
import { memberCount, type ReassignmentTables } from './tables.ts'

/** Where services are, for conflicts, spread and dependencies. */
export interface ServiceRules {
  /** True if `process` may go from its host to `to`, all others staying. O(dependencies of its service). */
  readonly allows: (process: number, to: number) => boolean
  /** True if both may change places. Refuses a few exchanges that were allowed: those across neighbourhoods of related services. */
  readonly allowsExchange: (one: number, other: number) => boolean
  /** Notes a move from the host that `hostOf` says; `hostOf` is the caller's to change afterwards. */
  readonly move: (process: number, to: number) => void
}

/** Counters of services with several processes by host and location, of all by neighbourhood. O(services × hosts) bytes. */
export function createServiceRules(tables: ReassignmentTables, hostOf: Int32Array): ServiceRules {
  const { hostCount, locationCount, neighbourhoodCount, serviceCount, location, neighbourhood, serviceOf } = tables
  const row = new Int32Array(serviceCount).fill(-1)
  let rows = 0
  for (let service = 0; service < serviceCount; service++) if (memberCount(tables, service) > 1) row[service] = rows++
  const onHost = new Uint8Array(rows * hostCount)
  const inLocation = new Uint16Array(rows * locationCount)
  const spread = new Int32Array(rows)
  const nearby = new Int32Array(serviceCount * neighbourhoodCount)
  const { starts: askedStarts, values: asked } = tables.asked
  const { starts: askingStarts, values: asking } = tables.asking

  const countAt = (process: number, host: number, change: number): void => {
    const service = i32(serviceOf, process)
    const at = service * neighbourhoodCount + i32(neighbourhood, host)
    nearby[at] = i32(nearby, at) + change
    const line = i32(row, service)
    if (line < 0) return
    onHost[line * hostCount + host] = (onHost[line * hostCount + host] ?? 0) + change
    const place = line * locationCount + i32(location, host)
    const before = inLocation[place] ?? 0
    inLocation[place] = before + change
    if (before === 0) spread[line] = i32(spread, line) + 1
    else if (before + change === 0) spread[line] = i32(spread, line) - 1
  }
  for (let process = 0; process < hostOf.length; process++) countAt(process, i32(hostOf, process), 1)

  const keepsSpread = (line: number, service: number, { from, to }: { readonly from: number; readonly to: number }): boolean => {
    const [left, entered] = [i32(location, from), i32(location, to)]
    const loses = left !== entered && inLocation[line * locationCount + left] === 1
    return !loses || inLocation[line * locationCount + entered] === 0 || i32(spread, line) > i32(tables.spreadMin, service)
  }

  const keepsDependencies = (service: number, left: number, entered: number): boolean => {
    for (let at = i32(askedStarts, service); at < i32(askedStarts, service + 1); at++)
      if (i32(nearby, i32(asked, at) * neighbourhoodCount + entered) === 0) return false
    if (i32(nearby, service * neighbourhoodCount + left) > 1) return true
    for (let at = i32(askingStarts, service); at < i32(askingStarts, service + 1); at++)
      if (i32(nearby, i32(asking, at) * neighbourhoodCount + left) > 0) return false
    return true
  }

  const allows = (process: number, to: number): boolean => {
    const service = i32(serviceOf, process)
    const from = i32(hostOf, process)
    const line = i32(row, service)
    if (line >= 0 && (onHost[line * hostCount + to] !== 0 || !keepsSpread(line, service, { from, to }))) return false
    const [left, entered] = [i32(neighbourhood, from), i32(neighbourhood, to)]
    return left === entered || keepsDependencies(service, left, entered)
  }

  const asks = (service: number, other: number): boolean => {
    for (let at = i32(askedStarts, service); at < i32(askedStarts, service + 1); at++) if (asked[at] === other) return true
    return false
  }

  const allowsExchange = (one: number, other: number): boolean => {
    const [oneService, otherService] = [i32(serviceOf, one), i32(serviceOf, other)]
    if (oneService === otherService) return true
    const [here, there] = [i32(hostOf, one), i32(hostOf, other)]
    if (!allows(one, there) || !allows(other, here)) return false
    return (
      i32(neighbourhood, here) === i32(neighbourhood, there) ||
      !(asks(oneService, otherService) || asks(otherService, oneService))
    )
  }

  const move = (process: number, to: number): void => {
    countAt(process, i32(hostOf, process), -1)
    countAt(process, to, 1)
  }
  return { allows, allowsExchange, move }
}

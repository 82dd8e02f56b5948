import type { DeviceRequest, PlacementProblem } from '../problem.ts'
import type { ClassDraft } from './host-classes.ts'
import type { DeviceTables } from './instance.ts'
import type { ItemDrafts } from './items.ts'
import { packLists } from './typed-array.ts'

/** Device requests, device pools and NUMA nodes as tables. Equal requests share a row. */
export function compileDevices(problem: PlacementProblem, items: ItemDrafts, classes: readonly ClassDraft[]): DeviceTables {
  const models = [...new Set(problem.hostTypes.flatMap((type) => (type.devices ?? []).map((pool) => pool.model)))].toSorted()
  const requests: DeviceRequest[] = []
  const rowOf = new Map<string, number>()
  const rowsByType = items.types.map((type) =>
    type.sample.flatMap((workload) =>
      (workload.devices ?? []).map((request) => {
        const key = JSON.stringify([request.models?.toSorted(), request.count, request.shares])
        const row = rowOf.get(key) ?? requests.push(request) - 1
        rowOf.set(key, row)
        return row
      }),
    ),
  )
  const singleNuma = Uint8Array.from(items.types, (type) =>
    type.sample.some((workload) => workload.singleNumaNode === true) ? 1 : 0,
  )
  return {
    isUsed: requests.length > 0 || singleNuma.includes(1),
    requests: packLists(rowsByType),
    shares: Int32Array.from(requests, (request) => request.shares),
    deviceCount: Int32Array.from(requests, (request) => request.count),
    accepts: Uint8Array.from(
      requests.flatMap((request) =>
        models.map((model) => (request.models === undefined || request.models.includes(model) ? 1 : 0)),
      ),
    ),
    models,
    pools: packLists(classes.map((draft) => devicesOf(problem, draft, models))),
    singleNuma,
    numaNodes: Int32Array.from(classes, (draft) => problem.hostTypes[draft.type]?.numaNodes ?? 1),
  }
}

function devicesOf(problem: PlacementProblem, draft: ClassDraft, models: readonly string[]): readonly number[] {
  return (problem.hostTypes[draft.type]?.devices ?? []).flatMap((pool) => {
    const code = models.indexOf(pool.model) * 2 + (pool.shareable === true ? 1 : 0)
    return Array.from({ length: pool.count }, () => code)
  })
}

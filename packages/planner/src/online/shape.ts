import type { Workload } from '../problem.ts'
import { demandRow, type FabricModel } from '../fabric/model/model.ts'

/** A request for devices: `wants` has 1 for each model that will do. */
export interface ShapeDevices {
  readonly wants: Uint8Array
  readonly count: number
  readonly shares: number
}

/** What workloads that look alike to a host have in common. */
export interface Shape {
  readonly key: string
  /** Need in each dimension. */
  readonly demand: Float64Array
  readonly devices: readonly ShapeDevices[]
  readonly selector: readonly (readonly [label: string, value: string])[]
  readonly needsOneNode: boolean
}

/** Names of all device models of the hosts. */
export function deviceModelsOf({ hosts }: FabricModel): readonly string[] {
  return [...new Set(hosts.flatMap(({ type }) => (type.devices ?? []).map(({ model }) => model)))]
}

/** The key of a workload's shape: equal for those that look alike to a host. */
export function shapeKeyOf({ requests, curves, devices, hostSelector, singleNumaNode }: Workload): string {
  return JSON.stringify([requests, curves, devices, hostSelector, singleNumaNode])
}

/** The shape of a workload. Models that no host has are left out: a request for nothing else fits nowhere. */
export function shapeOf(model: FabricModel, deviceModels: readonly string[], workload: Workload): Shape {
  return {
    key: shapeKeyOf(workload),
    demand: Float64Array.from(demandRow(workload, model.dimensions)),
    devices: (workload.devices ?? []).map(({ models, count, shares }) => ({
      wants: Uint8Array.from(deviceModels, (name) => (models === undefined || models.includes(name) ? 1 : 0)),
      count,
      shares,
    })),
    selector: Object.entries(workload.hostSelector ?? {}),
    needsOneNode: workload.singleNumaNode === true,
  }
}

/** The shapes that make up most of `workloads`, with their shares, which sum to 1: what room should be kept usable for. */
export function typicalMix(
  model: FabricModel,
  deviceModels: readonly string[],
  size: number,
): readonly { readonly shape: Shape; readonly share: number }[] {
  const groups = [...Map.groupBy(model.workloads, shapeKeyOf).values()].toSorted((a, b) => b.length - a.length).slice(0, size)
  const total = groups.reduce((sum, group) => sum + group.length, 0)
  return groups.flatMap((group) =>
    group.slice(0, 1).map((workload) => ({ shape: shapeOf(model, deviceModels, workload), share: group.length / total })),
  )
}

import { readFileSync } from 'node:fs'
import type { PlacementProblem } from '@weir/planner'

/** A cloud balancing file: computers with a cost, processes to run on them. */
export interface CloudFile {
  readonly computerList: readonly {
    readonly id: number
    readonly cpuPower: number
    readonly memory: number
    readonly networkBandwidth: number
    readonly cost: number
  }[]
  readonly processList: readonly {
    readonly id: number
    readonly requiredCpuPower: number
    readonly requiredMemory: number
    readonly requiredNetworkBandwidth: number
  }[]
}

/** Reads a cloud balancing file. */
export const readCloud = (path: string): CloudFile => JSON.parse(readFileSync(path, 'utf8')) as CloudFile

/** The file as a placement problem at least price: computers of equal size and cost are one host type with a count. */
export function cloudProblem(file: CloudFile): PlacementProblem {
  const counts = new Map<string, number>()
  for (const { cpuPower, memory, networkBandwidth, cost } of file.computerList) {
    const key = [cpuPower, memory, networkBandwidth, cost].join('-')
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: ['cpu', 'memory', 'network'].map((name) => ({ name, unit: 'units' })),
    hostTypes: [...counts].map(([key, count]) => {
      const [cpu = 0, memory = 0, network = 0, price = 0] = key.split('-').map(Number)
      return { name: key, capacity: { cpu, memory, network }, price, count }
    }),
    workloads: file.processList.map((process) => ({
      name: `process-${process.id}`,
      requests: { cpu: process.requiredCpuPower, memory: process.requiredMemory, network: process.requiredNetworkBandwidth },
    })),
    policy: { objective: 'Price' },
  }
}

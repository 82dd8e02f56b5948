import type { HostType, PlacementProblem, Workload } from '@weir/planner'
import { createSeededRandom } from '@weir/testkit/seeded-random'
import { type MachineShape, readMachineShapes } from './real-shapes.ts'

/** A server as sold: cores that may be promised `overcommit` times, and gibibytes of memory. */
export interface Layout {
  readonly name: string
  readonly cores: number
  readonly memoryGibibytes: number
  readonly overcommit: number
}

/** The layouts that the estate is put on. */
export const layouts: readonly Layout[] = [
  { name: '32c/256G 3:1', cores: 32, memoryGibibytes: 256, overcommit: 3 },
  { name: '64c/512G 3:1', cores: 64, memoryGibibytes: 512, overcommit: 3 },
  { name: '64c/512G 1:1', cores: 64, memoryGibibytes: 512, overcommit: 1 },
  { name: '128c/1T 2:1', cores: 128, memoryGibibytes: 1024, overcommit: 2 },
  { name: '48c/768G 3:1', cores: 48, memoryGibibytes: 768, overcommit: 3 },
  { name: '64c/1T 4:1', cores: 64, memoryGibibytes: 1024, overcommit: 4 },
]

/** An estate of `count` machines drawn with repeats from the real ones that fit `layout`, by a seeded generator. */
export function estateProblem(
  machinesCsv: string,
  layout: Layout,
  draw: { readonly count: number; readonly seed: number },
): PlacementProblem {
  const machines = readMachineShapes(machinesCsv).filter((machine) => fitsLayout(machine, layout))
  const random = createSeededRandom(draw.seed)
  const workloads: Workload[] = Array.from({ length: draw.count }, (_, index) => {
    const machine = machines[Math.floor(random() * machines.length)] ?? { cores: 1, memoryMebibytes: 1024 }
    return { name: `vm-${index}`, requests: { cpu: machine.cores, memory: machine.memoryMebibytes } }
  })
  const hostType: HostType = {
    name: 'host',
    capacity: { cpu: layout.cores * layout.overcommit, memory: layout.memoryGibibytes * 1024 },
  }
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [
      { name: 'cpu', unit: 'vCPU' },
      { name: 'memory', unit: 'MiB' },
    ],
    hostTypes: [hostType],
    workloads,
  }
}

const fitsLayout = (machine: MachineShape, layout: Layout) =>
  machine.cores <= layout.cores * layout.overcommit && machine.memoryMebibytes <= layout.memoryGibibytes * 1024

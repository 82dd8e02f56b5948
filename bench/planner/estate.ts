import { existsSync, readFileSync } from 'node:fs'
import type { HostType, PlacementProblem, Workload } from '@weir/planner'

/** One machine of the sampled estate. */
interface SampledMachine {
  readonly cores: number
  readonly memoryMebibytes: number
}

/** The data folder that benches read, or undefined with a line on the console if it is absent. */
export function findData(name: string): string | undefined {
  const folder = process.env['WEIR_PLACEMENT_DATA'] ?? new URL('../../../../shared/data/placement', import.meta.url).pathname
  const path = `${folder}/${name}`
  if (existsSync(path)) return path
  console.log(`absent: ${path} (set WEIR_PLACEMENT_DATA to the folder that holds it); this part is left out`)
  return undefined
}

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
  const machines = readMachines(machinesCsv).filter((machine) => fitsLayout(machine, layout))
  const random = seeded(draw.seed)
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

const fitsLayout = (machine: SampledMachine, layout: Layout) =>
  machine.cores <= layout.cores * layout.overcommit && machine.memoryMebibytes <= layout.memoryGibibytes * 1024

function readMachines(path: string): readonly SampledMachine[] {
  const [, ...lines] = readFileSync(path, 'utf8').trim().split('\n')
  return lines.map((line) => {
    const cells = line.split(',')
    return { cores: Number(cells[1]), memoryMebibytes: Number(cells[3]) }
  })
}

/** Numbers from 0 (inclusive) to 1 (exclusive) from a 32-bit seed (Mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

import { readFileSync } from 'node:fs'
import type { Estate, EstateHost, EstateMachine } from '@weir/estate'
import { type MachineShape, readMachineShapes } from './real-shapes.ts'

/** A month of an estate: curves by machine, gaps as null. */
interface Month {
  readonly startTime: string
  readonly cpuMhz: ReadonlyMap<string, readonly (number | null)[]>
  readonly memoryActiveMebibytes: ReadonlyMap<string, readonly (number | null)[]>
}

/** Half an hour: the step of the CPU curves. */
const stepSeconds = 1800
/** Active memory comes as the highest of each two hours. */
const stepsPerMemoryPoint = 4

/** Reads `cpu_mhz_30min_MONTH.csv` and `mem_active_mib_2h_MONTH.csv`: the machine, then one value for each step; empty is a gap. */
export function readMonth(folder: string, month: string): Month {
  return {
    startTime: `${month}-01T00:00:00Z`,
    cpuMhz: readCurves(`${folder}/cpu_mhz_30min_${month}.csv`),
    memoryActiveMebibytes: readCurves(`${folder}/mem_active_mib_2h_${month}.csv`),
  }
}

function readCurves(path: string): ReadonlyMap<string, readonly (number | null)[]> {
  const [, ...lines] = readFileSync(path, 'utf8').trim().split('\n')
  return new Map(
    lines.map((line) => {
      const [vm = '', ...cells] = line.split(',')
      return [vm, cells.map((cell) => (cell === '' ? null : Number(cell)))]
    }),
  )
}

/** Machines of `vms.csv` that a host of `memoryMebibytes` holds, those that `isWanted` takes. */
export function readShapes(folder: string, memoryMebibytes: number, isWanted: (vm: number) => boolean): readonly MachineShape[] {
  return readMachineShapes(`${folder}/vms.csv`).filter(
    (shape) => shape.memoryMebibytes * 1.05 <= memoryMebibytes && isWanted(Number(shape.vm)),
  )
}

/**
 * The estate as `month` shows it, on `host`s. Active memory goes where the trace has it, or (`isActiveNeed`) where guests' own need
 * belongs, as a tool that takes the one for the other would have it.
 */
export function estateOf(
  shapes: readonly MachineShape[],
  { month, host, isActiveNeed }: { readonly month: Month; readonly host: EstateHost; readonly isActiveNeed: boolean },
): Estate {
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'Estate',
    metadata: { name: 'replay' },
    sources: [],
    clusters: [{ id: 'c1', sourceId: 'replay', name: 'c1' }],
    hosts: [host],
    datastores: [],
    networks: [],
    findings: [],
    machines: shapes.map((shape) => toMachine(shape, { month, host, isActiveNeed })),
  }
}

function toMachine(
  { vm, cores, memoryMebibytes }: MachineShape,
  { month, host, isActiveNeed }: { readonly month: Month; readonly host: EstateHost; readonly isActiveNeed: boolean },
): EstateMachine {
  const active = (month.memoryActiveMebibytes.get(vm) ?? []).flatMap((value) =>
    Array.from({ length: stepsPerMemoryPoint }, () => (value === null ? null : value * 2 ** 20)),
  )
  return {
    id: vm,
    sourceId: 'replay',
    type: 'VirtualMachine',
    name: vm,
    clusterId: 'c1',
    hostId: host.id,
    power: 'On',
    cpu: { count: cores },
    memory: { sizeBytes: memoryMebibytes * 2 ** 20 },
    guest: { ipAddresses: [] },
    disks: [],
    partitions: [],
    nics: [],
    snapshots: [],
    devices: [],
    rules: [],
    usage: {
      startTime: month.startTime,
      stepSeconds,
      cpuMhz: month.cpuMhz.get(vm) ?? [],
      ...(isActiveNeed ? { memoryNeededBytes: active } : { memoryActiveBytes: active }),
    },
  }
}

import { readFileSync } from 'node:fs'

/** What a real machine has. */
export interface MachineShape {
  readonly vm: string
  readonly cores: number
  readonly memoryMebibytes: number
}

/** The machines of a `vms.csv`, by its columns `vm`, `cores` and `mem_alloc_mib`, in the order of the file. */
export function readMachineShapes(csv: string): readonly MachineShape[] {
  const [header = '', ...lines] = readFileSync(csv, 'utf8').trim().split('\n')
  const names = header.split(',')
  const column = (name: string): number => {
    const at = names.indexOf(name)
    if (at < 0) throw new Error(`${csv} has no column '${name}'`)
    return at
  }
  const [vm, cores, memory] = [column('vm'), column('cores'), column('mem_alloc_mib')]
  return lines.map((line) => {
    const cells = line.split(',')
    return { vm: cells[vm] ?? '', cores: Number(cells[cores]), memoryMebibytes: Number(cells[memory]) }
  })
}

import { hostname } from 'node:os'

/**
 * The names of the hosts that a machine is cut into: the machine's own name, then the same with 2, 3, … behind it. A host
 * keeps its name when others come or go.
 */
export function hostNames(count: number, machine: string = hostname()): readonly string[] {
  const name =
    machine
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/gu, '-')
      .replaceAll(/^-+|-+$/gu, '')
      .slice(0, 50)
      .replace(/-+$/u, '') || 'host'
  return Array.from({ length: count }, (_, index) => (index === 0 ? name : `${name}-${index + 1}`))
}

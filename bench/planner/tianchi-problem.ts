import { readFileSync } from 'node:fs'
import type { PlacementProblem, PlacementRule } from '@weir/planner'

const rows = (path: string) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))

/** Containers with a day of CPU curve, limits per host and interference, on two kinds of machine. `folder` holds the four files. */
export function tianchiProblem(folder: string): PlacementProblem {
  const apps = new Map(rows(`${folder}/apps.csv`).map((cells) => [cells[0] ?? '', cells]))
  const curves = new Map([...apps].map(([app, cells]) => [app, (cells[8] ?? '').split('|').map(Number)]))
  const workloads = rows(`${folder}/deploy.csv`).map(([app = ''], index) => {
    const [, , disk, p, m, pm, memory] = (apps.get(app) ?? []).map(Number)
    return {
      name: `instance-${index}`,
      app,
      requests: { memory: memory ?? 0, disk: Math.ceil(disk ?? 0), p: p ?? 0, m: m ?? 0, pm: pm ?? 0 },
      curves: { cpu: curves.get(app) ?? [] },
    }
  })
  const present = new Set(workloads.map(({ app }) => app))
  const rules = rows(`${folder}/interference.csv`).flatMap(([first = '', second = '', max], index): PlacementRule[] =>
    present.has(first) && present.has(second)
      ? [{ name: `interference-${index}`, type: 'Interference', first, second, max: Number(max) }]
      : [],
  )
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [
      { name: 'cpu', unit: 'centicores' },
      { name: 'memory', unit: 'centi-GiB' },
      { name: 'disk', unit: 'GB' },
      ...['p', 'm', 'pm'].map((name) => ({ name, unit: 'instances' })),
    ],
    timeline: { count: 98, stepSeconds: 900 },
    hostTypes: rows(`${folder}/machines.csv`).map((cells) => {
      const [from = 0, to = 0, cores = 0, memory = 0, disk = 0, p = 0, m = 0, pm = 0] = cells.map(Number)
      return {
        name: `${cores}-cores`,
        count: to - from + 1,
        capacity: { cpu: cores * 100, memory: memory * 100, disk, p, m, pm },
      }
    }),
    workloads,
    rules,
  }
}

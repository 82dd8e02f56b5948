import { assert, integer, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { serveDevices } from '../checker/devices.ts'
import { compileProblem } from '../compile/compile.ts'
import { createRandom } from '../fabric/random.ts'
import { plan } from '../plan-problem.ts'
import type { HostType, PlacementProblem, Workload } from '../problem.ts'
import { computeBound } from './bound.ts'

/** Few hosts of two or three types, with licences, devices, and a closed host set. */
function smallProblem(seed: number, count: number): PlacementProblem {
  const random = createRandom(seed)
  const upTo = (most: number): number => 1 + Math.floor(random() * most)
  const hostTypes = Array.from({ length: upTo(3) }, (_, at): HostType => ({
    name: `type-${at}`,
    capacity: { memory: 20 + upTo(80) },
    count: upTo(2) + 1,
    price: upTo(20),
    licencePrices: { os: upTo(9), db: 5 * upTo(6) },
    devices: [
      { model: 'gpu', count: upTo(3), shareable: random() < 0.6 },
      ...(random() < 0.5 ? [{ model: 'nic', count: upTo(4) }] : []),
    ],
  }))
  const workloads = Array.from({ length: count }, (_, at): Workload => ({
    name: `w${at}`,
    app: random() < 0.3 ? 'closed' : 'open',
    requests: { memory: upTo(50) },
    ...(random() < 0.4 && { licence: random() < 0.5 ? 'os' : 'db' }),
    ...(random() < 0.4 && {
      devices: [
        random() < 0.5
          ? { count: 1, shares: 100 * upTo(9), models: ['gpu'] }
          : { count: upTo(3), shares: 1000, ...(random() < 0.5 && { models: ['nic'] }) },
      ],
    }),
  }))
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [{ name: 'memory', unit: 'MiB' }],
    hostTypes,
    workloads,
    rules: workloads.some(({ app }) => app === 'closed')
      ? [{ name: 'shut', type: 'ClosedHostSet', workloads: { apps: ['closed'] } }]
      : [],
    policy: { objective: random() < 0.7 ? 'Price' : 'Hosts', budget: { iterations: 500 } },
  }
}

/** What the cheapest of all ways to place everything costs; Infinity if there is none. */
function cheapest({ hostTypes, workloads, policy }: PlacementProblem): number {
  const slots = hostTypes.flatMap((type) => Array.from({ length: type.count ?? 0 }, () => ({ type, on: [] as Workload[] })))
  let best = Number.POSITIVE_INFINITY
  const costOf = ({ type, on }: (typeof slots)[number]): number => {
    if (on.length === 0) return 0
    if (policy?.objective !== 'Price') return 1
    const licences = new Set(on.flatMap(({ licence }) => licence ?? []))
    return [...licences].reduce((sum, licence) => sum + (type.licencePrices?.[licence] ?? 0), type.price ?? 1)
  }
  const isFine = ({ type, on }: (typeof slots)[number]): boolean =>
    on.reduce((sum, { requests }) => sum + (requests['memory'] ?? 0), 0) <= (type.capacity['memory'] ?? 0) &&
    new Set(on.map(({ app }) => app === 'closed')).size <= 1 &&
    serveDevices(type, on) === 'Fits'
  const place = (index: number): void => {
    const workload = workloads[index]
    const cost = slots.reduce((sum, slot) => sum + costOf(slot), 0)
    if (cost >= best) return
    if (workload === undefined) {
      best = cost
      return
    }
    for (const slot of slots) {
      slot.on.push(workload)
      if (isFine(slot)) place(index + 1)
      slot.on.pop()
    }
  }
  place(0)
  return best
}

it('is never above the cheapest of all ways, with licences, devices and closed host sets', () => {
  const decided = new Map<string, number>()
  let met = 0
  let solved = 0
  assert(
    property(record({ seed: integer(), count: integer({ min: 1, max: 5 }) }), ({ seed, count }) => {
      const problem = smallProblem(seed, count)
      const least = cheapest(problem)
      if (least === Number.POSITIVE_INFINITY) return
      const { value, by } = computeBound(compileProblem(problem))
      expect(value).toBeLessThanOrEqual(least)
      decided.set(by, (decided.get(by) ?? 0) + 1)
      solved++
      met += Number(value === least)
    }),
    { numRuns: 500, seed: 20_261_125 },
  )
  expect(solved).toBeGreaterThan(150)
  for (const by of ['Devices', 'Licences', 'ClosedSets']) expect(decided.get(by) ?? 0).toBeGreaterThan(2)
  expect(met / solved).toBeGreaterThan(0.6)
})

describe('a bound that closes the gap', () => {
  const base: PlacementProblem = {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [{ name: 'memory', unit: 'MiB' }],
    hostTypes: [{ name: 'host', capacity: { memory: 100 }, price: 10, licencePrices: { db: 40 } }],
    workloads: [],
    policy: { objective: 'Price', budget: { iterations: 500 } },
  }
  const many = (count: number, more: Partial<Workload>): readonly Workload[] =>
    Array.from({ length: count }, (_, at) => ({
      name: `vm-${JSON.stringify(more).length}-${at}`,
      requests: { memory: 30 },
      ...more,
    }))

  it('counts licences', () => {
    const made = plan({ ...base, workloads: [...many(4, { licence: 'db' }), ...many(5, {})] })
    expect(made.score).toMatchObject({ price: 30, licencePrice: 80 })
    expect(made.bound).toMatchObject({ value: 110, by: 'Licences', gapPercent: 0 })
  })

  it('counts devices beside what else is needed', () => {
    const gpu: HostType = { name: 'gpu', capacity: { memory: 100 }, price: 25, devices: [{ model: 'A', count: 2 }] }
    const made = plan({
      ...base,
      hostTypes: [...base.hostTypes, gpu],
      workloads: [...many(5, { devices: [{ count: 1, shares: 1000 }] }), ...many(9, {})],
    })
    expect(made.unplaced).toEqual([])
    expect(made.score.price).toBe(95)
    expect(made.bound.value).toBeGreaterThan(75)
    expect(made.bound.all.find(({ by }) => by === 'Devices')?.value).toBe(63)
  })

  it('counts devices that two shares do not fit', () => {
    const type: HostType = { name: 'gpu', capacity: { memory: 1000 }, devices: [{ model: 'A', count: 2, shareable: true }] }
    const made = plan({
      ...base,
      hostTypes: [type],
      workloads: many(7, { devices: [{ count: 1, shares: 600 }] }),
      policy: { budget: { iterations: 100 } },
    })
    expect(made.score.hostCount).toBe(4)
    expect(made.bound).toMatchObject({ value: 4, by: 'Devices', gapPercent: 0 })
  })

  it('sums over closed host sets', () => {
    const made = plan({
      ...base,
      workloads: ['a', 'b', 'c'].flatMap((app) => many(1, { app, licence: 'db' })),
      rules: ['a', 'b'].map((app) => ({ name: app, type: 'ClosedHostSet', workloads: { apps: [app] } })),
    })
    expect(made.bound).toMatchObject({ value: 150, by: 'ClosedSets', gapPercent: 0 })
    expect(made.score).toMatchObject({ price: 30, licencePrice: 120 })
  })

  it('and with failover over each of them', () => {
    const workloads = ['a', 'b'].flatMap((app) =>
      many(3, { app }).map((workload) => ({ ...workload, name: `${app}${workload.name}` })),
    )
    const made = plan({
      ...base,
      workloads,
      rules: [{ name: 'a', type: 'ClosedHostSet', workloads: { apps: ['a'] } }],
      policy: { failover: { hosts: 1 }, budget: { iterations: 100 } },
    })
    expect(made.score.hostCount).toBe(4)
    expect(made.bound).toMatchObject({ value: 4, by: 'Failover', gapPercent: 0 })
  })
})

import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { compileProblem } from '../compile/compile.ts'
import type { PlacementProblem } from '../problem.ts'
import { createRandom } from '../search/random.ts'
import { computeBound } from './bound.ts'

const capacity = 1000

function problemOf(sizes: readonly (readonly number[])[]): PlacementProblem {
  const names = (sizes[0] ?? []).map((_, index) => `d${index}`)
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: names.map((name) => ({ name, unit: 'thousandths' })),
    hostTypes: [{ name: 'host', capacity: Object.fromEntries(names.map((name) => [name, capacity])) }],
    workloads: sizes.map((size, index) => ({
      name: `w${index}`,
      requests: Object.fromEntries(names.map((name, dimension) => [name, size[dimension] ?? 0])),
    })),
  }
}

const boundOf = (sizes: readonly (readonly number[])[]) => computeBound(compileProblem(problemOf(sizes))).value

/** Cuts each dimension of one host into `count` parts that fill it to `fill` thousandths. */
function cutHost(
  random: ReturnType<typeof createRandom>,
  shape: { readonly count: number; readonly dimensions: number; readonly fill: number },
) {
  const parts = Array.from({ length: shape.count }, () => Array.from({ length: shape.dimensions }, () => 0))
  for (let dimension = 0; dimension < shape.dimensions; dimension++) {
    const draws = parts.map(() => 0.6 + random.next())
    const sum = draws.reduce((total, draw) => total + draw, 0)
    parts.forEach((part, index) => {
      part[dimension] = Math.floor(((draws[index] ?? 0) / sum) * shape.fill)
    })
  }
  return parts
}

it('is never above the hosts of a packing that exists', () => {
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.nat(),
        hosts: fc.integer({ min: 1, max: 60 }),
        dimensions: fc.integer({ min: 1, max: 4 }),
        most: fc.integer({ min: 1, max: 12 }),
      }),
      ({ seed, hosts, dimensions, most }) => {
        const random = createRandom(seed, 0, 0)
        const sizes = Array.from({ length: hosts }, () =>
          cutHost(random, { count: Math.max(1, most - random.below(2)), dimensions, fill: capacity - random.below(2) * 40 }),
        ).flat()
        expect(boundOf(sizes)).toBeLessThanOrEqual(hosts)
      },
    ),
    { numRuns: 300 },
  )
})

it('counts that only so many of one size share a host, in one dimension or in a mix of them', () => {
  // 17 % each: five to a host, where their sum would allow 5.88.
  expect(boundOf(Array.from({ length: 100 }, () => [170]))).toBe(20)
  // 9 % or 25 % of the one, the reverse of the other: five of any mix, where either dimension alone has room for more.
  expect(boundOf(Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? [90, 250] : [250, 90])))).toBe(20)
})

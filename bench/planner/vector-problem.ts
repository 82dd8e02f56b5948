import type { PlacementProblem } from '@weir/planner'
import { createSeededRandom } from '@weir/testkit/seeded-random'

/** Hosts of 1000 in each dimension. */
export const vectorCapacity = 1000

/** How items are drawn. `x` is uniform from 0 to 1 for each item, `u` for each of its dimensions. */
export const vectorClasses = {
  /** 20 to 350 in each dimension, independent. */
  uniform: (_x: number, u: number) => 20 + 330 * u,
  /** 10 to 200 in each dimension, independent. */
  small: (_x: number, u: number) => 10 + 190 * u,
  /** Large in one dimension, large in all, give or take a fifth. */
  correlated: (x: number, u: number) => (20 + 330 * x) * (0.8 + 0.4 * u),
  /** Large in even dimensions, small in odd ones, or the reverse. */
  anticorrelated: (x: number, u: number, dimension: number) => (20 + 330 * (dimension % 2 === 0 ? x : 1 - x)) * (0.8 + 0.4 * u),
} as const

/** Name of a class of random vectors. */
export type VectorClass = keyof typeof vectorClasses

/** `count` random items of `dimensions` whole numbers. */
export function vectorProblem(
  kind: VectorClass,
  dimensions: number,
  draw: { readonly count: number; readonly seed: number },
): PlacementProblem {
  const random = createSeededRandom(draw.seed)
  const names = Array.from({ length: dimensions }, (_, index) => `d${index}`)
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: names.map((name) => ({ name, unit: 'thousandths' })),
    hostTypes: [{ name: 'bin', capacity: Object.fromEntries(names.map((name) => [name, vectorCapacity])) }],
    workloads: Array.from({ length: draw.count }, (_, index) => {
      const x = random()
      const entries = names.map((name, dimension): [string, number] => [
        name,
        Math.round(vectorClasses[kind](x, random(), dimension)),
      ])
      return { name: `item-${index}`, requests: Object.fromEntries(entries) }
    }),
  }
}

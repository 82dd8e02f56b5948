import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Counts, type Matching, matchNames } from './match-names.ts'

/** All pairs sorted by what they have in common, as the docstring says it, whatever that costs. */
function matchedPlainly({ names, runsOn, planned }: Matching): ReadonlyMap<number, string> {
  const commonOf = (a: Counts, b: Counts): number =>
    [...a].reduce((sum, [type, count]) => sum + Math.min(count, b.get(type) ?? 0), 0)
  const pairs = [...planned].flatMap(([slot, counts]) =>
    names.map((name) => ({ slot, name, common: commonOf(counts, runsOn(name) ?? new Map()) })),
  )
  const nameOf = new Map<number, string>()
  const given = new Set<string>()
  for (const { slot, name } of pairs.toSorted((a, b) => b.common - a.common)) {
    if (nameOf.has(slot) || given.has(name)) continue
    nameOf.set(slot, name)
    given.add(name)
  }
  return nameOf
}

it('gives each slot the name that it would get if all pairs were sorted', () => {
  const counts = fc
    .array(fc.tuple(fc.nat({ max: 4 }), fc.integer({ min: 1, max: 4 })), { maxLength: 4 })
    .map((entries): Counts => new Map(entries))
  fc.assert(
    fc.property(fc.array(counts, { maxLength: 12 }), fc.array(counts, { maxLength: 12 }), (running, slots) => {
      const names = running.map((_, index) => `h${index}`)
      const matching: Matching = {
        names,
        runsOn: (name) => running[names.indexOf(name)],
        planned: new Map(slots.map((each, index) => [index * 3, each])),
      }
      expect([...matchNames(matching)].toSorted(([a], [b]) => a - b)).toEqual(
        [...matchedPlainly(matching)].toSorted(([a], [b]) => a - b),
      )
    }),
    { numRuns: 2000 },
  )
})

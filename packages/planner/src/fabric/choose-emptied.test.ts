import { array, assert, constantFrom, integer, property, record } from 'fast-check'
import { expect, it } from 'vitest'
import { chooseEmptied, type Judge } from './choose-emptied.ts'
import { type Candidate, cheapest, sum } from './keep-set.ts'
import { createMovePrice } from './move-price.ts'

const hosts = array(record({ workloadCount: integer({ min: 1, max: 60 }), mebibytes: integer({ min: 1, max: 500 }) }), {
  minLength: 2,
  maxLength: 12,
})
const prefers = constantFrom('Mebibytes', 'Moves', 'Both')

/** Every choice of `count` of `candidates`. */
function choices(candidates: readonly Candidate[], count: number): readonly (readonly Candidate[])[] {
  const [first, ...rest] = candidates
  if (count === 0) return [[]]
  if (first === undefined) return []
  return [...choices(rest, count - 1).map((choice) => [first, ...choice]), ...choices(rest, count)]
}

it('chooses no worse than the first choice and any that differs from its own by one host', () => {
  assert(
    property(record({ hosts, prefer: prefers, countShare: integer({ min: 1, max: 9 }) }), ({ hosts, prefer, countShare }) => {
      const candidates = hosts.map((host, index): Candidate => ({ host: index, seconds: 0, ...host }))
      const count = Math.max(1, Math.floor((candidates.length * countShare) / 10))
      const price = createMovePrice(sum(cheapest(candidates, count, 'Both')), prefer)
      // Hosts with an odd index need room to be made for them.
      const roomFor: Judge['roomFor'] = (emptied) => {
        const odd = emptied.filter(({ host }) => host % 2 === 1).length
        return { mebibytes: 40 * odd, moves: 2 * odd }
      }
      const costOf = (emptied: readonly Candidate[]): number => {
        const [own, room] = [sum(emptied), roomFor(emptied)]
        return price.ofPlan({ mebibytes: own.mebibytes + room.mebibytes, moves: own.moves + room.moves })
      }
      const first = cheapest(candidates, count, prefer)
      const chosen = chooseEmptied(candidates, first, { price, roomFor })
      expect(new Set(chosen).size).toBe(count)
      const near = choices(candidates, count).filter((choice) => choice.filter((one) => !chosen.includes(one)).length <= 1)
      const least = Math.min(costOf(first), ...near.map(costOf))
      expect(costOf(chosen)).toBeLessThan(least + 1e-8)
    }),
    { numRuns: 100 },
  )
})

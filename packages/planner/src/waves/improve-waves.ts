import { at, item } from '../fabric/model/typed-array.ts'
import { below, createRandom, type Random } from '../fabric/random.ts'
import type { WaveState } from './wave-state.ts'

/** A change of waves: groups with the wave each goes to. */
type Change = readonly (readonly [group: number, wave: number])[]

/**
 * Lowers the weight that crosses waves: moves a group into the wave of a neighbour, or swaps it with a group there (two for one if
 * that is what fits), and keeps what lowers the weight or, early on, raises it a little (simulated annealing, Kirkpatrick et al.
 * 1983). Never uses more waves, and never breaks what the state checks. Ends in the best state that was seen.
 */
export function improveWaves(
  state: WaveState,
  { seed, iterations }: { readonly seed: number; readonly iterations: number },
): void {
  const random = createRandom(seed)
  const movable = [...state.model.groups.keys()].filter((group) => at(state.waveOf, group) >= 0)
  if (movable.length < 2) return
  const start = Math.max(1e-9, meanWeight(state))
  let best = Int32Array.from(state.waveOf)
  let gained = 0
  let bestGained = 0
  for (let step = 0; step < iterations; step++) {
    const heat = start * 0.5 * (1 - step / iterations) ** 2
    const change = propose(state, movable, random)
    if (change === undefined) continue
    const gain = tryChange(state, change, heat, random)
    if (gain === undefined) continue
    gained += gain
    if (gained > bestGained + 1e-9) {
      bestGained = gained
      best = Int32Array.from(state.waveOf)
    }
  }
  for (const group of movable) state.set(group, at(best, group))
}

function meanWeight({ model: { groups } }: WaveState): number {
  const weights = groups.flatMap(({ near }) => [...near.values()])
  return weights.reduce((sum, weight) => sum + weight, 0) / Math.max(1, weights.length)
}

function propose(state: WaveState, movable: readonly number[], random: Random): Change | undefined {
  const { groups } = state.model
  const group = item(movable, below(random, movable.length))
  const neighbours = [...item(groups, group).near.keys()]
  const anchor =
    neighbours.length > 0 && random() < 0.8
      ? item(neighbours, below(random, neighbours.length))
      : item(movable, below(random, movable.length))
  const [from, to] = [at(state.waveOf, group), at(state.waveOf, anchor)]
  if (to < 0 || to === from) return undefined
  const swapCount = below(random, 4)
  const there = movable.filter((other) => at(state.waveOf, other) === to && other !== anchor)
  const partners = Array.from({ length: Math.min(swapCount, there.length) }, () => item(there, below(random, there.length)))
  return [[group, to], ...[...new Set(partners)].map((partner) => [partner, from] as const)]
}

/** Makes a change; the weight that it saves, or nothing, with the state as it was, if it is not kept. */
function tryChange(state: WaveState, change: Change, heat: number, random: Random): number | undefined {
  const before = change.map(([group]) => [group, at(state.waveOf, group)] as const)
  const worth = insideWeight(state, change)
  for (const [group, wave] of change) state.set(group, wave)
  const gain = insideWeight(state, change) - worth
  const isWanted = gain >= 0 || random() < Math.exp(gain / Math.max(1e-12, heat))
  if (isWanted && isFine(state, change, before)) return gain
  for (const [group, wave] of before) state.set(group, wave)
  return undefined
}

/** Weight inside of waves of all pairs with one of the groups; a pair of two of them counts once. */
function insideWeight(state: WaveState, change: Change): number {
  let sum = 0
  for (const [index, [group]] of change.entries()) {
    sum += state.nearness(group)
    for (const [other] of change.slice(0, index)) {
      if (at(state.waveOf, other) === at(state.waveOf, group)) sum -= item(state.model.groups, group).near.get(other) ?? 0
    }
  }
  return sum
}

function isFine(state: WaveState, change: Change, before: Change): boolean {
  const waves = new Set([...change, ...before].map(([, wave]) => wave))
  for (const wave of waves) if (!state.isWaveFine(wave)) return false
  // A wave that is emptied would leave a window without work.
  for (const [, wave] of before) if (state.count(wave) === 0) return false
  return change.every(([group]) => state.isOrdered(group)) && state.fitsTarget()
}

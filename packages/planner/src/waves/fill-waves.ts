import { at, item } from '../fabric/model/typed-array.ts'
import type { WaveState } from './wave-state.ts'

/** What decides first which of the groups that can go does: traffic with the wave, or emptying source hosts that are used again. */
export type FillOrder = 'Nearness' | 'Freeing'

/**
 * Fills waves one after the other. What comes next is what can go (all that it needs is in this wave or an earlier one), fits, and has most
 * weight with what is in the wave; then what holds up most, then the largest. Pilot waves take the smallest groups first. Groups
 * that never fit stay out. O(waves x groups^2).
 */
export function fillWaves(state: WaveState, order: FillOrder): void {
  const { model } = state
  for (let wave = 0; wave < model.windows.length; wave++) {
    for (let next = choose(state, wave, order); next >= 0; next = choose(state, wave, order)) state.set(next, wave)
    if (model.groups.every((_, group) => at(state.waveOf, group) >= 0)) return
  }
}

function choose(state: WaveState, wave: number, order: FillOrder): number {
  const freeing = order === 'Freeing' ? freeingOf(state) : new Map<number, number>()
  let best = -1
  let bestKey: readonly number[] = []
  for (const group of state.model.groups.keys()) {
    if (at(state.waveOf, group) >= 0 || !isReady(state, group)) continue
    const key = [freeing.get(group) ?? 0, ...keyOf(state, group, wave)]
    if (best >= 0 && !isMore(key, bestKey)) continue
    if (!tryPut(state, group, wave)) continue
    best = group
    bestKey = key
  }
  return best
}

/** True if all that the group needs has a wave. */
function isReady(state: WaveState, group: number): boolean {
  for (const other of item(state.model.groups, group).before) if (at(state.waveOf, other) < 0) return false
  return true
}

/** True if the wave and the target would be fine with the group; leaves the state as it was. */
function tryPut(state: WaveState, group: number, wave: number): boolean {
  state.set(group, wave)
  const isFine = state.isWaveFine(wave) && state.isOrdered(group) && state.fitsTarget()
  state.set(group, -1)
  return isFine
}

function keyOf(state: WaveState, group: number, wave: number): readonly number[] {
  const { near, after, workloads, mebibytes } = item(state.model.groups, group)
  if (wave < state.model.pilotWaves) return [-workloads.length, -mebibytes]
  let weight = 0
  for (const [other, value] of near) if (at(state.waveOf, other) === wave) weight += value
  return [weight, after.size, mebibytes]
}

/** How close each group brings source hosts to being free: most for the last one on a host. */
function freeingOf(state: WaveState): ReadonlyMap<number, number> {
  const value = new Map<number, number>()
  for (const groups of state.model.hostGroups) {
    const left = groups.filter((group) => at(state.waveOf, group) < 0)
    for (const group of left) value.set(group, (value.get(group) ?? 0) + 1 / left.length ** 2)
  }
  return value
}

function isMore(a: readonly number[], b: readonly number[]): boolean {
  const index = a.findIndex((value, position) => value !== b[position])
  return index >= 0 && item(a, index) > item(b, index)
}

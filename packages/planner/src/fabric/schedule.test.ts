import { expect, it } from 'vitest'
import { compileFabric, currentPlaces } from './model/model.ts'
import { Occupancy } from './model/occupancy.ts'
import { mobilityOf } from './movable.ts'
import { defaultMoveOptions } from './move-options.ts'
import { scheduleMoves } from './schedule.ts'

/** Two hosts whose workloads change places, and a third with `room`. */
function swap(room: number) {
  const model = compileFabric({
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [{ name: 'memory', unit: 'MiB', transient: true }],
    hostTypes: [
      { name: 'big', capacity: { memory: 100 } },
      { name: 'third', capacity: { memory: room } },
    ],
    hosts: ['a', 'b', 'c'].map((name) => ({ name, type: name === 'c' ? 'third' : 'big' })),
    workloads: [
      { name: 'x', requests: { memory: 60 }, currentHost: 'a' },
      { name: 'y', requests: { memory: 70 }, currentHost: 'b' },
    ],
  })
  const occupancy = new Occupancy(model)
  for (const [workload, host] of currentPlaces(model).entries()) occupancy.put(workload, host)
  const wanted = [
    { workload: 0, to: 1, reason: 'Balance', gain: 0 },
    { workload: 1, to: 0, reason: 'Balance', gain: 0 },
  ] as const
  return scheduleMoves(occupancy, wanted, mobilityOf(model, defaultMoveOptions), defaultMoveOptions)
}

it('breaks a cycle by way of a third host', () => {
  const { moves, held } = swap(60)
  expect(moves.map(({ workload, from, to }) => `${workload} ${from}-${to}`)).toEqual(['x a-c', 'y b-a', 'x c-b'])
  expect(moves.map(({ reason }) => reason)).toEqual(['Stage', 'Balance', 'Balance'])
  expect(held).toEqual([])
})

it('moves nothing in a cycle that no host can break', () => {
  const { moves, held } = swap(59)
  expect(moves).toEqual([])
  expect(held.map(({ workload, reason }) => [workload, reason])).toEqual([
    ['x', 'NoPlace'],
    ['y', 'NoPlace'],
  ])
})

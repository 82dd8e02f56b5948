import { describe, expect, it } from 'vitest'
import type { PlacementProblem } from '../problem.ts'
import { placeLarge } from './make-room.ts'
import { compileFabric, currentPlaces } from './model/model.ts'
import { Occupancy } from './model/occupancy.ts'
import { at } from './model/typed-array.ts'

/** Hosts of 100 with workloads of `sizes`, and one of `incoming` that is nowhere and has the last index. */
function occupied(sizes: readonly (readonly number[])[], incoming: number): Occupancy {
  const problem: PlacementProblem = {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [{ name: 'memory', unit: 'MiB' }],
    hostTypes: [{ name: 'big', capacity: { memory: 100 } }],
    hosts: sizes.map((_, host) => ({ name: `h${host}`, type: 'big' })),
    workloads: [
      ...sizes.flatMap((list, host) =>
        list.map((memory, index) => ({ name: `w${host}-${index}`, requests: { memory }, currentHost: `h${host}` })),
      ),
      { name: 'incoming', requests: { memory: incoming } },
    ],
  }
  const model = compileFabric(problem)
  const occupancy = new Occupancy(model)
  for (const [workload, host] of currentPlaces(model).entries()) if (host >= 0) occupancy.put(workload, host)
  return occupancy
}

/** Places the incoming workload; where it is then, and the sizes of those that left. */
function place(occupancy: Occupancy, mayMove: (workload: number) => boolean = () => true) {
  const { demand, hosts, workloads } = occupancy.model
  const incoming = workloads.length - 1
  const left = placeLarge(occupancy, [incoming], {
    hosts: [...hosts.keys()],
    mayMove,
    priceOf: (workload) => 1 + at(demand, workload),
  })
  return {
    host: at(occupancy.hostOf, incoming),
    left: left.map((workload) => at(demand, workload)),
    nowhere: left.map((workload) => at(occupancy.hostOf, workload)),
  }
}

describe('placeLarge', () => {
  it('uses the smallest hole that is large enough', () => {
    expect(place(occupied([[90], [50], [40], [90]], 50))).toEqual({ host: 1, left: [], nowhere: [] })
  })

  it('sends away the one whose leaving costs least', () => {
    expect(
      place(
        occupied(
          [
            [40, 30],
            [35, 34],
            [39, 31],
          ],
          60,
        ),
      ),
    ).toEqual({ host: 0, left: [30], nowhere: [-1] })
  })

  it('sends away two where that costs less than one', () => {
    expect(place(occupied([[15, 16, 39], [70]], 60))).toMatchObject({ host: 0, left: [16, 15] })
  })

  it('changes nothing where those that may leave are not enough', () => {
    const occupancy = occupied([[40, 30], [70]], 60)
    const before = [...occupancy.hostOf]
    expect(place(occupancy, (workload) => workload !== 1 && workload !== 0)).toEqual({ host: -1, left: [], nowhere: [] })
    expect([...occupancy.hostOf]).toEqual(before)
  })

  it('leaves what is not large to others', () => {
    expect(place(occupied([[50], [60]], 20))).toEqual({ host: -1, left: [], nowhere: [] })
  })
})

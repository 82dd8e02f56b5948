import { tolerance } from './model.ts'
import type { Scene } from './scene.ts'

/** Hosts that may be used: all of some classes, or the `hosts` largest of them. */
export interface Room {
  readonly classes: readonly number[]
  readonly hosts?: number
}

/** A dimension that `workloads` need more of than all of the room has; undefined if there is none. O(workloads * dimensions). */
export function shortOf(scene: Scene, workloads: readonly number[], room: Room): number | undefined {
  const { model, dimensions } = scene
  const need = new Float64Array(model.dimensions.length)
  for (const workload of workloads) {
    const demand = model.demandOf(workload)
    for (const dimension of dimensions) need[dimension] = (need[dimension] ?? 0) + (demand[dimension] ?? 0)
  }
  return dimensions.find((dimension) => (need[dimension] ?? 0) > roomIn(scene, room, dimension) + tolerance)
}

/** What the room has of a dimension. */
export function roomIn({ model }: Pick<Scene, 'model'>, { classes, hosts = Infinity }: Room, dimension: number): number {
  const offers = classes.map((index) => ({
    usable: model.classes[index]?.usable[dimension] ?? 0,
    limit: model.classes[index]?.limit ?? 0,
  }))
  let left = hosts
  let room = 0
  for (const { usable, limit } of offers.toSorted((a, b) => b.usable - a.usable)) {
    const taken = Math.min(left, limit)
    room += taken * usable
    left -= taken
  }
  return room
}

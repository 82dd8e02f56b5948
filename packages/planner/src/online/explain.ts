import { at, item } from '../fabric/model/typed-array.ts'
import type { PlacementReason } from '../plan.ts'
import type { HostState } from './host-state.ts'
import type { Shape } from './shape.ts'

/** What is known of a host without looking at dimensions and labels. */
interface Known {
  /** False if the shape does not fit the host for any reason but labels and rules. */
  readonly isPossible: boolean
  /** The name of a rule that the host would break. */
  readonly broken: string | undefined
}

/** The first reason against a host: its state, a label, a resource, devices or NUMA nodes, a rule; nothing if it would take the shape. */
export function explainHost(state: HostState, shape: Shape, host: number, known: Known): PlacementReason | undefined {
  const { name, labels, state: condition } = item(state.model.hosts, host)
  const reason = (constraint: string, message: string): PlacementReason => ({ host: name, constraint, message })
  if (condition !== 'Ready') return reason('HostState', `${name} is in state ${condition} and takes nothing.`)
  const label = shape.selector.find(([key, value]) => labels.get(key) !== value)
  if (label !== undefined) return reason('HostSelector', `${name} lacks the label ${label[0]}=${label[1]}.`)
  const { dimensions } = state.model
  for (const [dimension, { resource, point }] of dimensions.entries()) {
    const need = at(shape.demand, dimension)
    const free = at(state.free, host * dimensions.length + dimension)
    if (need <= free) continue
    const when = point === undefined ? '' : ` at point ${point}`
    return reason(resource, `${name} has ${free} of ${resource} free${when}, ${need} are needed.`)
  }
  if (!known.isPossible) {
    return shape.needsOneNode
      ? reason('Numa', `No NUMA node of ${name} has room, or devices are missing.`)
      : reason('Devices', `${name} has no devices free that serve the request.`)
  }
  return known.broken === undefined ? undefined : reason(known.broken, `${name} would break the rule ${known.broken}.`)
}

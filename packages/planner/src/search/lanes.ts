import type { Instance } from '../compile/instance.ts'
import type { EpochResult, EpochTask } from './epoch.ts'

/** Where the lanes of an epoch are computed: here, on threads, anywhere. Which place it is must not show in the results. */
export interface Lanes {
  /** The results of `tasks`, in their order. `isOver` ends them early: each then gives the best that it has. */
  readonly run: (tasks: readonly EpochTask[], isOver: () => boolean) => Promise<readonly EpochResult[]>
  /** Gives back what the lanes hold. After it `run` must not be called. */
  readonly close: () => Promise<void>
}

/** Opens lanes for the tasks of one problem. */
export type OpenLanes = (instance: Instance) => Lanes

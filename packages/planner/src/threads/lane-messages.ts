import type { Instance } from '../compile/instance.ts'
import type { EpochResult, EpochTask } from '../search/epoch.ts'

/** What a lane thread is given once. */
export interface LaneSetting {
  /** Without its workloads: the search needs only arrays. */
  readonly instance: Instance
  /** Not 0 at index 0: every lane is to end. Shared by all threads. */
  readonly stop: Int32Array<SharedArrayBuffer>
}

/** A setting that `createThreadLanes` made. */
export const parseLaneSetting = (data: unknown): LaneSetting => data as LaneSetting

/** A task that `createThreadLanes` sent. */
export const parseLaneJob = (message: unknown): EpochTask => message as EpochTask

/** The result that a lane thread sent. */
export const parseLaneResult = (message: unknown): EpochResult => message as EpochResult

import type { KubernetesObject } from '@weir/api'

/** True for the objects that are wanted. */
export type Selector = (object: KubernetesObject) => boolean

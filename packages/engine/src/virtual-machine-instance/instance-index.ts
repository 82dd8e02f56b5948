import type { VirtualMachineInstance } from '@weir/api'
import type { CacheReader, ObjectKey } from '@weir/client'
import { claimNameOf } from './instance-spec.ts'

/** Instances by what they are bound to and what they use. Each question is O(answer). */
export interface InstanceIndex {
  byUid(uid: string): VirtualMachineInstance | undefined
  /** Those that name a claim, whether they run or not. */
  usingClaim(claim: ObjectKey): readonly VirtualMachineInstance[]
  onHost(nodeName: string): readonly VirtualMachineInstance[]
  /** Those that have no host yet. */
  unplaced(): readonly VirtualMachineInstance[]
}

const pathOf = ({ namespace = '', name }: ObjectKey): string => `${namespace}/${name}`

/** The index of a cache; many of one cache share it. */
export function indexInstances(cache: CacheReader<VirtualMachineInstance>): InstanceIndex {
  cache.addIndex('uid', ({ metadata }) => (metadata.uid === undefined ? [] : [metadata.uid]))
  cache.addIndex('host', ({ status }) => [status?.nodeName ?? ''])
  cache.addIndex('claim', ({ metadata: { namespace }, spec }) =>
    (spec.volumes ?? []).flatMap((volume) => {
      const name = claimNameOf(volume)
      return name === undefined ? [] : pathOf({ ...(namespace === undefined ? {} : { namespace }), name })
    }),
  )
  return {
    byUid: (uid) => cache.byIndex('uid', uid)[0],
    usingClaim: (claim) => cache.byIndex('claim', pathOf(claim)),
    onHost: (nodeName) => cache.byIndex('host', nodeName),
    unplaced: () => cache.byIndex('host', ''),
  }
}

import type { DataVolume, PersistentVolumeClaim, VirtualMachine } from '@weir/api'
import type { ObjectKey } from '@weir/client'
import { claimNameOf } from '../virtual-machine-instance/instance-spec.ts'
import type { DisksState } from './machine-view.ts'

/** Where the objects behind disks are looked up. */
export interface DiskLookup {
  readonly dataVolume: (key: ObjectKey) => DataVolume | undefined
  readonly claim: (key: ObjectKey) => PersistentVolumeClaim | undefined
}

const precedence = ['Missing', 'Failed', 'Provisioning', 'Unbound', 'Ready'] as const

/** The claims that a machine's volumes name. */
export const claimsOf = ({ metadata, spec }: VirtualMachine): readonly Required<ObjectKey>[] =>
  (spec.template.spec.volumes ?? []).flatMap((volume) => {
    const name = claimNameOf(volume)
    return name === undefined ? [] : { namespace: metadata.namespace ?? '', name }
  })

/** How the disks of a machine are: the worst of each. Pure in what `lookup` answers. */
export function disksStateOf(machine: VirtualMachine, lookup: DiskLookup): DisksState {
  const states = claimsOf(machine).map((key) => stateOf(machine, key, lookup))
  return states.toSorted((a, b) => precedence.indexOf(a.kind) - precedence.indexOf(b.kind))[0] ?? { kind: 'Ready' }
}

function stateOf({ spec }: VirtualMachine, key: Required<ObjectKey>, lookup: DiskLookup): DisksState {
  const dataVolume = lookup.dataVolume(key)
  const claim = lookup.claim(key)
  if (dataVolume?.status?.phase === 'Failed') return { kind: 'Failed', name: key.name }
  if (dataVolume !== undefined && dataVolume.status?.phase !== 'Succeeded') return { kind: 'Provisioning' }
  const isToCome = dataVolume !== undefined || (spec.dataVolumeTemplates ?? []).some(({ metadata }) => metadata.name === key.name)
  // A claim that is being deleted waits for the instances that name it: there must be no further one.
  if (claim === undefined || claim.metadata.deletionTimestamp !== undefined)
    return isToCome ? { kind: 'Provisioning' } : { kind: 'Missing', name: key.name }
  return claim.status?.phase === 'Bound' ? { kind: 'Ready' } : { kind: 'Unbound' }
}

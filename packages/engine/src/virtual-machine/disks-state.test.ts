import type { DataVolume, DataVolumePhase, PersistentVolumeClaim, VirtualMachine } from '@weir/api'
import { expect, it } from 'vitest'
import { disksStateOf } from './disks-state.ts'
import type { DisksState } from './machine-view.ts'

interface Things {
  /** Claims by name: their phase, or `deleting`. */
  readonly claims?: Readonly<Record<string, 'Bound' | 'Pending' | 'deleting'>>
  readonly volumes?: Readonly<Record<string, DataVolumePhase>>
  readonly templates?: readonly string[]
}

function stateOf(names: readonly string[], { claims = {}, volumes = {}, templates = [] }: Things): DisksState {
  const machine: VirtualMachine = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      dataVolumeTemplates: templates.map((name) => ({ metadata: { name }, spec: {} })),
      template: {
        spec: {
          domain: { devices: {} },
          volumes: names.map((name, at) =>
            at % 2 === 0 ? { name, dataVolume: { name } } : { name, persistentVolumeClaim: { claimName: name } },
          ),
        },
      },
    },
  }
  const object = (name: string) => ({ apiVersion: 'v1', kind: 'X', metadata: { name } })
  return disksStateOf(machine, {
    dataVolume: ({ namespace, name }): DataVolume | undefined => {
      const phase = volumes[name]
      return namespace !== 'shop' || phase === undefined ? undefined : { ...object(name), spec: {}, status: { phase } }
    },
    claim: ({ namespace, name }): PersistentVolumeClaim | undefined => {
      const phase = claims[name]
      if (namespace !== 'shop' || phase === undefined) return undefined
      const metadata = phase === 'deleting' ? { name, deletionTimestamp: 'now' } : { name }
      return { ...object(name), metadata, spec: {}, status: { phase: phase === 'deleting' ? 'Bound' : phase } }
    },
  })
}

it.each<[string, DisksState, Things]>([
  ['a bound claim', { kind: 'Ready' }, { claims: { a: 'Bound' } }],
  ['a filled claim', { kind: 'Ready' }, { claims: { a: 'Bound' }, volumes: { a: 'Succeeded' } }],
  ['a claim that is filled now', { kind: 'Provisioning' }, { claims: { a: 'Bound' }, volumes: { a: 'ImportInProgress' } }],
  ['a claim that is not bound', { kind: 'Unbound' }, { claims: { a: 'Pending' } }],
  ['a claim that was never made', { kind: 'Missing', name: 'a' }, {}],
  ['a claim that is being deleted', { kind: 'Missing', name: 'a' }, { claims: { a: 'deleting' } }],
  ['a claim that will be made anew', { kind: 'Provisioning' }, { claims: { a: 'deleting' }, templates: ['a'] }],
  ['a disk of the machine that is yet to be made', { kind: 'Provisioning' }, { templates: ['a'] }],
  ['a filled disk whose claim is not seen yet', { kind: 'Provisioning' }, { volumes: { a: 'Succeeded' } }],
  ['a disk that failed', { kind: 'Failed', name: 'a' }, { claims: { a: 'Bound' }, volumes: { a: 'Failed' } }],
])('%s is %j', (_, state, things) => {
  expect(stateOf(['a'], things)).toEqual(state)
})

it('is the worst of several, and Ready without disks', () => {
  expect(stateOf([], {})).toEqual({ kind: 'Ready' })
  const things: Things = { claims: { a: 'Bound', b: 'Pending', c: 'Bound', d: 'Bound' }, volumes: { c: 'Pending', d: 'Failed' } }
  expect(stateOf(['a', 'b'], things).kind).toBe('Unbound')
  expect(stateOf(['a', 'b', 'c'], things).kind).toBe('Provisioning')
  expect(stateOf(['a', 'b', 'c', 'd'], things).kind).toBe('Failed')
  expect(stateOf(['a', 'b', 'c', 'd', 'e'], things)).toEqual({ kind: 'Missing', name: 'e' })
})

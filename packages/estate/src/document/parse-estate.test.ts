import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Estate } from '../model/estate.ts'
import type { EstateMachine } from '../model/machine.ts'
import { present } from '../model/present.ts'
import { mergeEstates } from './merge-estates.ts'
import { parseEstate } from './parse-estate.ts'

const machine: EstateMachine = {
  id: 'm',
  sourceId: 's',
  type: 'VirtualMachine',
  name: 'a',
  power: 'On',
  cpu: {},
  memory: {},
  guest: { ipAddresses: [] },
  disks: [],
  partitions: [],
  nics: [],
  snapshots: [],
  devices: [],
  rules: [],
}
const estate: Estate = {
  apiVersion: 'weir.dev/v1alpha1',
  kind: 'Estate',
  metadata: { name: 'e' },
  sources: [{ id: 's', type: 'Estate', location: 'x', parts: [] }],
  clusters: [{ id: 'c', sourceId: 's', name: 'c' }],
  hosts: [{ id: 'h', sourceId: 's', name: 'h', clusterId: 'c' }],
  datastores: [],
  networks: [],
  machines: [machine],
  findings: [],
}
const causesOf = (document: unknown): readonly string[] => {
  try {
    parseEstate(document)
    return []
  } catch (error) {
    return (error as { causes: { field: string }[] }).causes.map(({ field }) => field)
  }
}
const withMachine = (more: object): unknown => ({ ...estate, machines: [{ ...machine, ...more }] })

describe('an estate document', () => {
  const bytes = fc.maxSafeNat()
  const text = fc.string({ minLength: 1, maxLength: 30 })
  const option = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined })
  const anyMachine = fc
    .record({
      id: fc.uuid(),
      name: text,
      type: fc.constantFrom('VirtualMachine', 'Template', 'Container'),
      power: fc.constantFrom('On', 'Off', 'Suspended', 'Unknown'),
      hostId: option(fc.constant('h')),
      createdTime: option(fc.constant('2026-01-31T12:00:00Z')),
      isCbtEnabled: option(fc.boolean()),
      workload: option(text),
      cpu: fc
        .record({ count: option(fc.nat(1000)), readinessPercent: option(fc.double({ min: 0, max: 100, noNaN: true })) })
        .map(present),
      memory: fc.record({ sizeBytes: option(bytes) }).map(present),
      disks: fc.array(fc.record({ id: text, capacityBytes: option(bytes), isThin: option(fc.boolean()) }).map(present), {
        maxLength: 3,
      }),
      usage: option(fc.record({ stepSeconds: fc.nat(86_400), cpuMhz: fc.array(fc.option(fc.nat(9999)), { maxLength: 5 }) })),
    })
    .map((each) => ({ ...machine, ...present(each) }))

  it('is the same after it was written and read', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyMachine, { selector: ({ id }) => id, maxLength: 5 }), (machines) => {
        const document = { ...estate, machines }
        // -0 is written as 0.
        const plain: unknown = JSON.parse(JSON.stringify(document))
        expect(parseEstate(plain)).toEqual(plain)
      }),
    )
  })

  it.each<[string, unknown, readonly string[]]>([
    ['nothing', null, ['']],
    ['a list', [], ['']],
    [
      'no fields',
      {},
      ['apiVersion', 'kind', 'metadata', 'sources', 'clusters', 'hosts', 'datastores', 'networks', 'machines', 'findings'],
    ],
    ['another version', { ...estate, apiVersion: 'weir.dev/v9' }, ['apiVersion']],
    ['a field of another name', { ...estate, owner: 'x' }, ['owner']],
    ['notes', withMachine({ annotation: 'password' }), ['machines[0].annotation']],
    ['null', withMachine({ clusterId: null }), ['machines[0].clusterId']],
    ['a negative size', withMachine({ memory: { sizeBytes: -1 } }), ['machines[0].memory.sizeBytes']],
    ['a size beyond 2^53', withMachine({ provisionedBytes: 1e17 }), ['machines[0].provisionedBytes']],
    ['a time that is none', withMachine({ createdTime: '2026-13-01T00:00:00Z' }), ['machines[0].createdTime']],
    ['an unknown power', withMachine({ power: 'on' }), ['machines[0].power']],
    ['two machines of one id', { ...estate, machines: [machine, machine] }, ['machines[1].id']],
    ['a host that is not there', withMachine({ hostId: 'z' }), ['machines[0].hostId']],
    ['a source that is not there', withMachine({ sourceId: 'z' }), ['machines[0].sourceId']],
    ['several problems', withMachine({ name: '', disks: [{ id: 1 }] }), ['machines[0].name', 'machines[0].disks[0].id']],
  ])('with %s is refused, the fields named', (_, document, fields) => {
    expect(causesOf(document)).toEqual(fields)
  })

  it('with a million problems names a hundred', () => {
    expect(causesOf({ ...estate, machines: Array.from({ length: 100_000 }, () => ({})) })).toHaveLength(100)
  })

  it('cannot reach prototypes', () => {
    expect(causesOf(JSON.parse(`{"__proto__":{"polluted":1},${JSON.stringify(estate).slice(1)}`))).toEqual(['__proto__'])
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})

describe('merged estates', () => {
  const at = (time: string, name: string): Estate => ({
    ...estate,
    metadata: { name, collectedTime: time },
    machines: [{ ...machine, name }],
  })

  it('keep the newest of each object, whatever the order, and their sources apart', () => {
    for (const estates of [
      [at('2026-01-01T00:00:00Z', 'old'), at('2026-02-01T00:00:00Z', 'new')],
      [at('2026-02-01T00:00:00Z', 'new'), at('2026-01-01T00:00:00Z', 'old')],
    ]) {
      const merged = mergeEstates('both', estates)
      expect(merged.machines.map(({ name }) => name)).toEqual(['new'])
      expect(merged.metadata).toEqual({ name: 'both', collectedTime: '2026-02-01T00:00:00Z' })
      expect(merged.sources.map(({ id }) => id)).toEqual(['s', 's (2)'])
      expect(merged.findings.map(({ kind, object }) => [kind, object])).toEqual([
        ['Stale', 'host/h'],
        ['Stale', 'machine/m'],
      ])
      expect(parseEstate(merged)).toEqual(merged)
    }
  })

  it('are compared by their moments, whatever the zone that these are written in', () => {
    const [evening, noon] = ['2026-02-01T20:00:00+09:00', '2026-02-01T12:00:00Z']
    const merged = mergeEstates('both', [at(noon, 'new'), at(evening, 'old')])
    expect(merged.machines.map(({ name }) => name)).toEqual(['new'])
    expect(merged.metadata.collectedTime).toBe(noon)
  })

  it('of different objects lose nothing', () => {
    const merged = mergeEstates('both', [estate, { ...estate, machines: [{ ...machine, id: 'n' }] }])
    expect(merged.machines.map(({ id, sourceId }) => [id, sourceId])).toEqual([
      ['m', 's'],
      ['n', 's (2)'],
    ])
  })
})

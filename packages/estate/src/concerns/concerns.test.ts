import { describe, expect, it } from 'vitest'
import type { EstateMachine } from '../model/machine.ts'
import { createCheckContext } from './concern.ts'
import { evidenceText } from './concern-text.ts'
import { aMachine, anEstate, concernCases, other, target } from './every-concern.fixture.ts'
import { concernsOfCluster, concernsOfMachine, machineChecks } from './find-concerns.ts'
import { assessMachine } from './readiness.ts'
import { parseUserRules } from './user-rules.ts'

const clean = aMachine()
const idsOf = (machine: EstateMachine): readonly string[] =>
  concernsOfMachine(machine, createCheckContext(anEstate([machine, other]), { now: 0, target })).map(({ id }) => id)

describe('concerns', () => {
  it('finds nothing about a machine that is as it should be', () => {
    expect(idsOf(clean)).toEqual([])
  })

  it('has a case here for every check, and each id once', () => {
    const ids = machineChecks.map(({ id }) => id)
    expect(Object.keys(concernCases).toSorted()).toEqual(ids.toSorted())
    expect(new Set(ids).size).toBe(ids.length)
  })

  it.each(Object.entries(concernCases))('%s', (id, changes) => {
    const machine = aMachine(changes)
    const found = concernsOfMachine(machine, createCheckContext(anEstate([machine, other]), { now: 0, target })).find(
      (concern) => concern.id === id,
    )
    expect(found?.object.id).toBe('vm-1')
    expect(found?.evidence).toMatch(/^\S.*[.]$/u)
    expect(found?.remedy).toMatch(/^\S.*[.]$/u)
    // Every brace has its value, in either language.
    for (const language of ['en', 'zh-CN'] as const) expect(found && evidenceText(found, language)).toMatch(/^[^{}]+[.。]$/u)
  })

  it('says nothing where the source shows nothing', () => {
    const blank = aMachine({ guest: { ipAddresses: [] }, nics: [], disks: [], partitions: [], cpu: {}, memory: {} })
    expect(idsOf(blank)).toEqual([])
  })

  it('tells what DRS and DPM mean for the move', () => {
    expect(
      concernsOfCluster({ id: 'c', sourceId: 's', name: 'c', isDrsEnabled: true, isDpmEnabled: true }).map(({ id }) => id),
    ).toEqual(['drs.enabled', 'dpm.enabled'])
    expect(concernsOfCluster({ id: 'c', sourceId: 's', name: 'c' })).toEqual([])
  })
})

describe('readiness', () => {
  const assess = (changes: Partial<EstateMachine>, rules: unknown = []) => {
    const machine = aMachine(changes)
    return assessMachine(machine, createCheckContext(anEstate([machine]), { now: 0, target }), parseUserRules(rules))
  }

  it.each([
    ['Ready', {}, 1],
    ['ReadyWithWork', { needsConsolidation: true }, 1.5],
    ['Blocked', { isEncrypted: true, hasVtpm: true }, 4],
    ['NotMoved', { type: 'Template' }, 0],
  ] as const)('%s, with its hours', (readiness, changes, effortHours) => {
    expect(assess(changes)).toMatchObject({ readiness, effortHours })
  })

  it('names what keeps a machine from a warm migration', () => {
    expect(assess({ isCbtEnabled: false, snapshots: [{}] }).warmBlockers).toEqual([
      'changed_block_tracking.disabled',
      'snapshot.detected',
    ])
  })

  it('counts rules of the user', () => {
    const rule = {
      id: 'pci',
      severity: 'Critical',
      when: 'machine.name.startsWith("w") && cluster.name == "c"',
      message: 'In scope of PCI.',
      effortHours: 3,
    }
    expect(assess({}, [rule])).toMatchObject({
      readiness: 'Blocked',
      effortHours: 4,
      concerns: [{ id: 'user.pci', evidence: 'In scope of PCI.', values: {} }],
    })
    expect(assess({ name: 'db' }, [rule]).readiness).toBe('Ready')
  })
})

describe('rules of the user', () => {
  const rule = { id: 'a', severity: 'Warning', when: 'machine.memory.sizeBytes > 1', message: 'm' }

  it('hold for no machine that lacks a field they need', () => {
    const [parsed] = parseUserRules([rule])
    expect(parsed?.check.find(aMachine({ memory: {} }), createCheckContext(anEstate([]), { now: 0 }))).toBeUndefined()
  })

  it.each([
    ['no list', { a: 1 }, /`rules` must be a list/u],
    ['no object', [1], /`rules\[0\]` must be an object/u],
    ['an id with spaces', [{ ...rule, id: 'a b' }], /`rules\[0\]\.id` must be/u],
    ['a severity that there is not', [{ ...rule, severity: 'Fatal' }], /`rules\[0\]\.severity` must be one of/u],
    ['an expression cut short', [rule, { ...rule, when: '1 +' }], /`rules\[1\]\.when` is no CEL expression/u],
    ['a variable that there is not', [{ ...rule, when: 'process.exit(1)' }], /`rules\[0\]\.when`/u],
    ['a field that there is not', [{ ...rule, extra: 1 }], /`rules\[0\]\.extra` is unknown/u],
    [
      'a prototype',
      JSON.parse('[{"__proto__":{"id":"x"},"id":"a","severity":"Warning","when":"true","message":"m"}]'),
      /__proto__` is unknown/u,
    ],
    ['endless effort', [{ ...rule, effortHours: Infinity }], /effortHours/u],
  ])('are refused with %s, and the field is named', (_, value, message) => {
    expect(() => parseUserRules(value)).toThrow(message)
  })
})

import { array, assert, constantFrom, integer, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkWaves } from '../checker/check-waves.ts'
import { contractApps } from './contract.ts'
import { planWaves } from './plan-waves.ts'
import type { AppDependency, WavePlan, WaveProblem } from './wave-documents.ts'

const usable = { memory: 100 }

/** `sizes` by app (1 workload of 10 each, if not said), ten windows of 100 seconds at 1 MiB/s, room for all. */
function problemOf(more: Partial<WaveProblem> = {}, workloadsByApp: readonly number[] = [1, 1, 1, 1]): WaveProblem {
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'WaveProblem',
    workloads: workloadsByApp.flatMap((count, app) =>
      Array.from({ length: count }, (_, at) => ({
        name: `w${app}-${at}`,
        app: `a${app}`,
        diskMebibytes: 10,
        requests: { memory: 10 },
        sourceHost: `s${app % 2}`,
      })),
    ),
    dependencies: [],
    windows: Array.from({ length: 10 }, (_, at) => ({ startSeconds: 1000 * at, endSeconds: 1000 * at + 100 })),
    limits: { transferMebibytesPerSecond: 1, cutOvers: 2 },
    target: { hosts: ['t0', 't1', 't2'].map((name) => ({ name, usable })) },
    policy: { iterations: 2000 },
    ...more,
  }
}

const need = (from: string, to: string, type: AppDependency['type'], weight = 1): AppDependency => ({ from, to, type, weight })

describe('planWaves', () => {
  it('makes no plan that the checker objects to', () => {
    const types = constantFrom('Together', 'Before', 'Near', 'Near')
    const app = integer({ min: 0, max: 11 }).map((index) => `a${index}`)
    const dependencies = array(record({ from: app, to: app, type: types, weight: integer({ min: 0, max: 9 }) }), {
      maxLength: 20,
    })
    const sizes = array(integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 12 })
    assert(
      property(
        record({ dependencies, sizes, cutOvers: integer({ min: 1, max: 6 }), hosts: integer({ min: 1, max: 3 }) }),
        (drawn) => {
          const problem = problemOf(
            {
              dependencies: drawn.dependencies,
              limits: { transferMebibytesPerSecond: 0.5, cutOvers: drawn.cutOvers },
              freezes: [{ startSeconds: 2050, endSeconds: 3000 }],
              target: {
                hosts: Array.from({ length: drawn.hosts }, (_, at) => ({ name: `t${at}`, usable })),
                reusedHosts: ['s0', 's1'].map((name) => ({ name, usable })),
                failoverHosts: 1,
              },
            },
            drawn.sizes,
          )
          expect(checkWaves(problem, planWaves(problem))).toEqual([])
        },
      ),
      { numRuns: 100 },
    )
  })

  it('brings together what talks together', () => {
    const dependencies = [need('a0', 'a3', 'Near', 9), need('a1', 'a2', 'Near', 9), need('a0', 'a1', 'Near', 1)]
    const plan = planWaves(problemOf({ dependencies }))
    expect(plan.waves.map(({ apps }) => apps.toSorted())).toEqual(
      expect.arrayContaining([
        ['a0', 'a3'],
        ['a1', 'a2'],
      ]),
    )
    expect(plan.crossWaveWeight).toBe(1)
    expect(plan.boundWaves).toBe(2)
  })

  it('migrates what is needed first and joins cycles, by name', () => {
    const dependencies = [need('a0', 'a1', 'Before'), need('a1', 'a2', 'Before'), need('a2', 'a1', 'Before')]
    const plan = planWaves(problemOf({ dependencies }))
    expect(plan.groups).toEqual([{ name: 'a1+a2', apps: ['a1', 'a2'], reason: 'Cycle' }])
    const waveOf = (app: string) => plan.waves.findIndex(({ apps }) => apps.includes(app))
    expect(waveOf('a1')).toBeLessThan(waveOf('a0'))
  })

  it('starts with small pilots, keeps heavy writers alone and windows out of freezes', () => {
    const base = problemOf({
      freezes: [{ startSeconds: 0, endSeconds: 1 }],
      policy: { pilotWaves: 1, pilotWorkloads: 1, heavyWriteMebibytesPerSecond: 50 },
    })
    const workloads = base.workloads.map((workload) =>
      workload.app === 'a0' ? { ...workload, writeMebibytesPerSecond: 50 } : workload,
    )
    const { waves, gantt } = planWaves({ ...base, workloads })
    expect(waves[0]).toMatchObject({ type: 'Pilot', window: 1 })
    expect(waves[0]?.apps).toHaveLength(1)
    expect(waves.find(({ apps }) => apps.includes('a0'))).toMatchObject({ type: 'Heavy', apps: ['a0'] })
    expect(gantt).toContainEqual({ row: 'freeze', type: 'Freeze', label: 'freeze', startSeconds: 0, endSeconds: 1 })
  })

  it('waits for source hosts when the target is too small, and says what never fits', () => {
    const target = { hosts: [{ name: 't0', usable: { memory: 20 } }], reusedHosts: [{ name: 's0', usable: { memory: 20 } }] }
    const plan = planWaves(problemOf({ target }))
    expect(plan.waves[0]?.apps.toSorted()).toEqual(['a0', 'a2'])
    expect(plan.waves[0]?.freedHosts).toEqual(['s0'])
    expect(plan.waves[1]?.apps.toSorted()).toEqual(['a1', 'a3'])
    const none = planWaves(problemOf({ target: { hosts: target.hosts } }))
    expect(none.unplanned).toHaveLength(2)
    expect(none.unplanned[0]?.message).toContain('found no window')
    expect(planWaves(problemOf({}, [3])).unplanned[0]?.message).toContain('has 3 workloads; 2 can be cut over')
  })

  it('gives the same answer twice', () => {
    const problem = problemOf({ dependencies: [need('a0', 'a3', 'Near', 9), need('a1', 'a2', 'Near', 9)] })
    expect(planWaves(problem)).toEqual(planWaves(problem))
  })
})

describe('contractApps', () => {
  it('survives a chain of 50,000 apps', () => {
    const apps = Array.from({ length: 50_000 }, (_, at) => `a${at}`)
    const chain = apps.slice(1).map((app, at) => need(`a${at}`, app, 'Before'))
    expect(contractApps(apps, chain)).toHaveLength(50_000)
    expect(contractApps(apps, [...chain, need('a49999', 'a0', 'Before')])).toMatchObject([{ reason: 'Cycle' }])
  })
})

describe('checkWaves', () => {
  const dependencies = [need('a0', 'a1', 'Together'), need('a2', 'a3', 'Before', 3)]
  const base = problemOf({ dependencies, policy: { pilotWaves: 1, pilotWorkloads: 2, heavyWriteMebibytesPerSecond: 50 } })
  const valid: WavePlan = planWaves(base)
  const breakers: readonly (readonly [what: string, problem: WaveProblem, plan: WavePlan])[] = [
    ['an app left out', base, { ...valid, waves: valid.waves.slice(1) }],
    ['an app that nobody knows', base, { ...valid, unplanned: [{ app: 'ghost', message: '' }] }],
    ['workloads of another app', base, { ...valid, waves: valid.waves.map((wave) => ({ ...wave, workloads: [] })) }],
    [
      'apps apart that go together',
      { ...base, dependencies: [need('a0', 'a2', 'Together'), need('a1', 'a2', 'Together')] },
      valid,
    ],
    [
      'something before what it needs',
      { ...base, dependencies: [need('a0', 'a2', 'Before'), need('a2', 'a0', 'Before')] },
      valid,
    ],
    ['a window in a freeze', { ...base, freezes: [{ startSeconds: 50, endSeconds: 60 }] }, valid],
    ['a window that is not there', { ...base, windows: [] }, valid],
    ['windows out of order', base, { ...valid, waves: valid.waves.map((wave) => ({ ...wave, window: 0 })) }],
    ['too much to copy', { ...base, limits: { transferMebibytesPerSecond: 0.1, cutOvers: 2 } }, valid],
    ['wrong mebibytes', base, { ...valid, waves: valid.waves.map((wave) => ({ ...wave, mebibytes: 1 })) }],
    ['too many cut-overs', { ...base, limits: { transferMebibytesPerSecond: 1, cutOvers: 1 } }, valid],
    ['a large pilot', { ...base, policy: { pilotWaves: 1, pilotWorkloads: 1 } }, valid],
    [
      'a heavy writer in company',
      {
        ...base,
        workloads: base.workloads.map((workload) => ({ ...workload, writeMebibytesPerSecond: workload.app === 'a2' ? 99 : 0 })),
      },
      valid,
    ],
    ['a target that is too small', { ...base, target: { hosts: [{ name: 't', usable: { memory: 39 } }] } }, valid],
    [
      'a target too small after a failure',
      { ...base, target: { hosts: ['t', 'u'].map((name) => ({ name, usable: { memory: 39 } })), failoverHosts: 1 } },
      valid,
    ],
  ]

  it('finds nothing wrong with a valid plan', () => {
    expect(checkWaves(base, valid)).toEqual([])
  })

  it.each(breakers)('finds %s', (_, problem, plan) => {
    expect(checkWaves(problem, plan).map(({ kind }) => kind)).toContain('Wave')
  })

  it('finds a wrong weight and a bound above the plan', () => {
    expect(checkWaves(base, { ...valid, crossWaveWeight: 99 })).toMatchObject([{ kind: 'Score' }])
    expect(checkWaves(base, { ...valid, boundWaves: 99 })).toMatchObject([{ kind: 'Bound' }])
  })
})

import { describe, expect, it } from 'vitest'
import { parseWaveProblem } from './parse-waves.ts'
import { planWaves } from './plan-waves.ts'

const problem = {
  apiVersion: 'weir.dev/v1alpha1',
  kind: 'WaveProblem',
  workloads: [
    {
      name: 'db',
      app: 'shop-db',
      diskMebibytes: 100,
      requests: { memory: 10 },
      sourceHost: 'esx-1',
      writeMebibytesPerSecond: 1.5,
    },
    { name: 'web', app: 'shop', diskMebibytes: 10, requests: { memory: 5 } },
  ],
  dependencies: [{ from: 'shop', to: 'shop-db', type: 'Before', weight: 2.5 }],
  windows: [
    { startSeconds: 0, endSeconds: 100 },
    { startSeconds: 1000, endSeconds: 1100 },
  ],
  freezes: [{ startSeconds: 1050, endSeconds: 2000 }],
  limits: { transferMebibytesPerSecond: 2.5, cutOvers: 5 },
  target: {
    hosts: [{ name: 't1', usable: { memory: 100 } }],
    reusedHosts: [{ name: 'esx-1', usable: { memory: 50 } }],
    reuseAfterWaves: 2,
    failoverHosts: 0,
  },
  policy: { pilotWaves: 0, pilotWorkloads: 3, heavyWriteMebibytesPerSecond: 50, seed: 7, iterations: 100 },
}

/** The problem with `value` in the place of a field. */
function withField(path: string, value: unknown): unknown {
  const copy = structuredClone(problem) as unknown
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  let at = copy as Record<string, unknown>
  for (const key of keys) at = at[key] as Record<string, unknown>
  if (value === undefined) delete at[last]
  else at[last] = value
  return copy
}

describe('a wave problem', () => {
  it('is what its document says', () => {
    expect(parseWaveProblem(JSON.parse(JSON.stringify(problem)))).toEqual(problem)
    expect(planWaves(parseWaveProblem(problem)).unplanned).toEqual([])
  })

  it('needs no more than workloads, windows, limits and a target', () => {
    const { workloads, windows, limits, target, apiVersion, kind } = problem
    const least = { apiVersion, kind, workloads, windows, limits, target: { hosts: target.hosts } }
    expect(parseWaveProblem(least)).toEqual({ ...least, dependencies: [] })
  })

  it.each([
    ['a list', [], 'problem', 'must be an object'],
    ['another kind', withField('kind', 'WavePlan'), 'kind', "must be one of: 'WaveProblem'"],
    ['an unknown field', withField('wave', 1), 'wave', 'is not a field here'],
    ['no workloads', withField('workloads', []), 'workloads', 'must have from 1 to'],
    ['a workload named twice', withField('workloads.1.name', 'db'), 'workloads[1].name', 'must be unique'],
    [
      'a negative disk',
      withField('workloads.0.diskMebibytes', -1),
      'workloads[0].diskMebibytes',
      'must be a whole number from 0',
    ],
    ['a disk beyond all measure', withField('workloads.0.diskMebibytes', 1e15), 'workloads[0].diskMebibytes', 'to 1000000000000'],
    ['no disk', withField('workloads.0.diskMebibytes', undefined), 'workloads[0].diskMebibytes', 'must be a whole number'],
    [
      'an unknown resource',
      withField('workloads.0.requests', { memroy: 1 }),
      'workloads[0].requests.memroy',
      'must be one of: memory',
    ],
    ['an unknown app', withField('dependencies.0.to', 'shop-bd'), 'dependencies[0].to', "there is no 'shop-bd'"],
    ['an app that needs itself', withField('dependencies.0.to', 'shop'), 'dependencies[0].to', 'cannot depend on itself'],
    ['an unknown dependency', withField('dependencies.0.type', 'After'), 'dependencies[0].type', "'Together', 'Before', 'Near'"],
    [
      'a weight that is none',
      withField('dependencies.0.weight', Number.NaN),
      'dependencies[0].weight',
      'must be a number from 0',
    ],
    [
      'a window that ends before it starts',
      withField('windows.0.endSeconds', 0),
      'windows[0].endSeconds',
      'must be greater than',
    ],
    ['windows that overlap', withField('windows.1.startSeconds', 99), 'windows[1].startSeconds', 'must be at least 100'],
    ['windows that are all frozen', withField('freezes.0.startSeconds', 50), 'windows', 'all of them do: add a window'],
    ['a time in another century', withField('windows.1.endSeconds', 1e10), 'windows[1].endSeconds', 'must be a whole number'],
    ['no limits', withField('limits', undefined), 'limits', 'must be an object'],
    [
      'a copy that stands still',
      withField('limits.transferMebibytesPerSecond', 0),
      'limits.transferMebibytesPerSecond',
      'from 0.001',
    ],
    ['no staff', withField('limits.cutOvers', 0), 'limits.cutOvers', 'must be a whole number from 1'],
    ['no target', withField('target.hosts', []), 'target.hosts', 'must list at least one'],
    [
      'a source host that is a target',
      withField('target.reusedHosts.0.name', 't1'),
      'target.reusedHosts[0].name',
      'is there already',
    ],
    [
      'a negative amount',
      withField('target.hosts.0.usable.memory', -5),
      'target.hosts[0].usable.memory',
      'must be a whole number',
    ],
    ['an unknown policy', withField('policy.pilots', 1), 'policy.pilots', 'is not a field here'],
  ])('with %s is refused by the name of the field', (_, document, field, message) => {
    expect(() => parseWaveProblem(document)).toThrow(
      expect.objectContaining({
        code: 'PLAN_PROBLEM_INVALID',
        message: expect.stringMatching(/^The wave problem cannot be planned: .*Correct the document/u),
        causes: expect.arrayContaining([{ field, message: expect.stringContaining(message) }]),
      }),
    )
  })

  it('with a field of the prototype is refused like any other', () => {
    const hostile: unknown = JSON.parse(`{"__proto__": {"kind": "WaveProblem"}, ${JSON.stringify(problem).slice(1)}`)
    expect(() => parseWaveProblem(hostile)).toThrow(expect.objectContaining({ code: 'PLAN_PROBLEM_INVALID' }))
  })
})

import type { InstancePhase, RunStrategy, VirtualMachineStatus } from '@weir/api'
import { describe, expect, it } from 'vitest'
import { type Action, decide } from './desired.ts'
import { aMachine, anInstance, aView, now } from './machine-view.fixture.ts'

type Row = readonly [strategy: RunStrategy, ...actions: readonly Action['kind'][]]

const phases = ['None', 'Pending', 'Scheduling', 'Scheduled', 'Running', 'Succeeded', 'Failed', 'Unknown'] as const

/** KubeVirt's run strategies (user guide, "Run Strategies"): what is done about an instance in each phase. */
const table: readonly Row[] = [
  //                  None      Pending   Scheduling Scheduled Running   Succeeded Failed    Unknown
  ['Always', /*     */ 'Create', 'None', 'None', 'None', 'None', 'Delete', 'Delete', 'None'],
  ['RerunOnFailure', 'Create', 'None', 'None', 'None', 'None', 'Delete', 'Delete', 'None'],
  ['Once', /*       */ 'Create', 'None', 'None', 'None', 'None', 'None', 'None', 'None'],
  ['Manual', /*     */ 'None', 'None', 'None', 'None', 'None', 'None', 'None', 'None'],
  ['Halted', /*     */ 'None', 'Delete', 'Delete', 'Delete', 'Delete', 'Delete', 'Delete', 'Delete'],
]
const cells = table.flatMap(([strategy, ...actions]) =>
  phases.map((phase, at): readonly [RunStrategy, InstancePhase | 'None', Action['kind']] => [
    strategy,
    phase,
    actions[at] ?? 'None',
  ]),
)
const instanceIn = (phase: InstancePhase | 'None') => (phase === 'None' ? undefined : anInstance(phase))

describe('a machine that was never started', () => {
  it.each(cells)('under %s with an instance in %s: %s', (strategy, phase, action) => {
    expect(decide(aView(aMachine(strategy), instanceIn(phase))).kind).toBe(action)
  })

  it('means Always by `running: true` and Halted by `running: false` or nothing', () => {
    const machine = aMachine('Always')
    const spelled = (spec: { readonly running?: boolean }) => ({ ...machine, spec: { template: machine.spec.template, ...spec } })
    expect(decide(aView(spelled({ running: true }))).kind).toBe('Create')
    expect(decide(aView(spelled({ running: false }), anInstance('Running'))).kind).toBe('Delete')
    expect(decide(aView(spelled({}), anInstance('Running'))).kind).toBe('Delete')
  })
})

describe('a machine that was started under its strategy before', () => {
  it.each<[RunStrategy, Action['kind']]>([
    ['Always', 'Create'],
    ['RerunOnFailure', 'None'],
    ['Once', 'None'],
    ['Manual', 'None'],
    ['Halted', 'None'],
  ])('under %s: %s', (strategy, action) => {
    expect(decide(aView(aMachine(strategy, { runStrategy: strategy }))).kind).toBe(action)
  })

  it('is started again under another strategy', () => {
    expect(decide(aView(aMachine('Once', { runStrategy: 'Always' }))).kind).toBe('Create')
    expect(decide(aView(aMachine('RerunOnFailure', { runStrategy: 'Halted' }))).kind).toBe('Create')
  })

  it('is rerun on failure, after the back-off', () => {
    const status: VirtualMachineStatus = {
      runStrategy: 'RerunOnFailure',
      startFailure: { consecutiveFailCount: 1, retryAfterTimestamp: '2026-01-01T00:00:10Z' },
    }
    expect(decide(aView(aMachine('RerunOnFailure', status)))).toEqual({ kind: 'WaitUntil', millis: now + 10_000 })
    expect(decide(aView(aMachine('RerunOnFailure', status), undefined, { now: now + 10_000 })).kind).toBe('Create')
  })
})

describe('what verbs asked for', () => {
  const asked = (...stateChangeRequests: NonNullable<VirtualMachineStatus['stateChangeRequests']>): VirtualMachineStatus => ({
    stateChangeRequests,
  })
  it.each<RunStrategy>(['Always', 'RerunOnFailure', 'Once', 'Manual'])(
    'a stop is done to the instance it meant, under %s',
    (strategy) => {
      const stop = asked({ action: 'Stop', uid: 'vmi' })
      expect(decide(aView(aMachine(strategy, stop), anInstance('Running'))).kind).toBe('Delete')
      expect(decide(aView(aMachine(strategy, stop), anInstance('Running', { uid: 'another' }))).kind).toBe('None')
      expect(decide(aView(aMachine(strategy, stop), anInstance('Running', { deletionTimestamp: 'now' }))).kind).toBe('None')
    },
  )

  it('a start is done under strategies that take one', () => {
    const start = asked({ action: 'Start' })
    expect(decide(aView(aMachine('Manual', start))).kind).toBe('Create')
    expect(decide(aView(aMachine('RerunOnFailure', { ...start, runStrategy: 'RerunOnFailure' }))).kind).toBe('Create')
    expect(decide(aView(aMachine('Halted', start))).kind).toBe('None')
    expect(decide(aView(aMachine('Once', { ...start, runStrategy: 'Once' }))).kind).toBe('None')
  })

  it('a start waits while a stop is first in line', () => {
    const restart = asked({ action: 'Stop', uid: 'vmi' }, { action: 'Start' })
    expect(decide(aView(aMachine('Manual', restart))).kind).toBe('None')
  })
})

describe('what is in the way of a start', () => {
  it('disks that are not there yet are waited for', () => {
    for (const kind of ['Provisioning', 'Unbound'] as const)
      expect(decide(aView(aMachine('Always'), undefined, { disks: { kind } })).kind).toBe('None')
    expect(decide(aView(aMachine('Always'), undefined, { disks: { kind: 'Failed', name: 'root' } })).kind).toBe('None')
  })

  it('a claim that does not exist, or a name that is taken, is said in words', () => {
    expect(decide(aView(aMachine('Always'), undefined, { disks: { kind: 'Missing', name: 'root' } }))).toEqual({
      kind: 'Blocked',
      reason: 'FailedPvcNotFound',
      message: "there is no claim 'root'; create it, or take the volume out of the machine",
    })
    expect(decide(aView(aMachine('Always'), undefined, { isNameTaken: true }))).toMatchObject({
      kind: 'Blocked',
      reason: 'FailedCreate',
    })
  })

  it('is no matter to a machine that is not wanted', () => {
    expect(decide(aView(aMachine('Halted'), undefined, { isNameTaken: true, disks: { kind: 'Missing', name: 'x' } })).kind).toBe(
      'None',
    )
  })
})

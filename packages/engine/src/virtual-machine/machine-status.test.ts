import type { VirtualMachineStatus } from '@weir/api'
import { describe, expect, it } from 'vitest'
import { decide } from './desired.ts'
import { aMachine, anInstance, aView, now } from './machine-view.fixture.ts'
import type { MachineView } from './machine-view.ts'
import { machineStatus } from './machine-status.ts'

const statusOf = (view: MachineView) => machineStatus(view, decide(view))
const failed = (uid: string) => anInstance('Failed', { uid })
/** What the next look finds, after the status was written. */
const after = (view: MachineView, more: Partial<MachineView> = {}): MachineView => ({
  ...view,
  machine: { ...view.machine, status: JSON.parse(JSON.stringify(statusOf(view))) as VirtualMachineStatus },
  ...more,
})

it('says what is', () => {
  const view = aView(
    aMachine('Always'),
    anInstance('Running', { conditions: ['Ready=True/GuestRunning', 'AgentConnected=True'] }),
  )
  expect(statusOf(view)).toMatchObject({
    created: true,
    ready: true,
    printableStatus: 'Running',
    runStrategy: 'Always',
    observedGeneration: 3,
    conditions: [
      { type: 'Ready', status: 'True', reason: 'GuestRunning', message: 'about Ready' },
      { type: 'AgentConnected', status: 'True' },
    ],
  })
  expect(statusOf(aView(aMachine('Halted')))).toMatchObject({
    created: false,
    ready: false,
    conditions: [{ type: 'Ready', status: 'False', reason: 'VMINotExists', message: 'VMI does not exist' }],
  })
})

it('is the same when it is computed again', () => {
  for (const view of [
    aView(aMachine('Always'), failed('1')),
    aView(aMachine('Always'), anInstance('Running', { conditions: ['Ready=True/GuestRunning'] })),
    aView(aMachine('Once'), undefined, { disks: { kind: 'Missing', name: 'x' } }),
  ]) {
    const later = after(view, { now: now + 1000 })
    expect(statusOf(later)).toEqual(later.machine.status)
  }
})

describe('conditions', () => {
  it('of the instance are told of the machine, and gone with it', () => {
    const view = aView(
      aMachine('Always'),
      anInstance('Scheduling', { conditions: ['PodScheduled=False/Unschedulable', 'Ready=False/X'] }),
    )
    expect(statusOf(view).conditions?.map(({ type }) => type)).toEqual(['Ready', 'PodScheduled'])
    expect(statusOf(after(view, { instance: undefined })).conditions?.map(({ type }) => type)).toEqual(['Ready'])
  })

  it('keep the time of their last change', () => {
    const running = aView(aMachine('Always'), anInstance('Running', { conditions: ['Ready=True/GuestRunning'] }))
    const later = after(running, { now: now + 60_000 })
    expect(statusOf(later).conditions?.[0]?.lastTransitionTime).toBe('2026-01-01T00:00:00Z')
    expect(statusOf({ ...later, instance: undefined }).conditions?.[0]?.lastTransitionTime).toBe('2026-01-01T00:01:00Z')
  })

  it('tell what is in the way of a start, until it is gone', () => {
    const blocked = aView(aMachine('Always'), undefined, { isNameTaken: true })
    expect(statusOf(blocked).conditions).toContainEqual(
      expect.objectContaining({ type: 'Failure', status: 'True', reason: 'FailedCreate' }),
    )
    const tried = after(blocked, { isNameTaken: false })
    expect(statusOf(tried).conditions?.some(({ type }) => type === 'Failure')).toBe(true)
    expect(statusOf(after(tried, { instance: anInstance('Pending') })).conditions?.some(({ type }) => type === 'Failure')).toBe(
      false,
    )
  })

  it('do not claim to know of a guest whose host is lost', () => {
    const view = aView(aMachine('Always'), anInstance('Running', { conditions: ['Ready=True/GuestRunning'] }), {
      isHostLost: true,
    })
    expect(statusOf(view)).toMatchObject({
      ready: false,
      printableStatus: 'Unknown',
      conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeNotReady' }],
    })
  })
})

describe('the strategy of the last start', () => {
  it('is not taken over by a strategy that starts once before there is an instance', () => {
    for (const strategy of ['Once', 'RerunOnFailure'] as const) {
      const waiting = aView(aMachine(strategy), undefined, { disks: { kind: 'Provisioning' } })
      expect(statusOf(waiting).runStrategy).toBeUndefined()
      const ready = after(waiting, { disks: { kind: 'Ready' } })
      expect(decide(ready).kind).toBe('Create')
      const started = after(ready, { instance: anInstance('Pending') })
      expect(statusOf(started).runStrategy).toBe(strategy)
      expect(decide(after(started, { instance: undefined })).kind).toBe('None')
    }
  })

  it('survives that the machine is halted in between', () => {
    const halted = after(aView(aMachine('Halted', { runStrategy: 'Once' })))
    expect(halted.machine.status?.runStrategy).toBe('Halted')
    expect(decide({ ...halted, machine: { ...aMachine('Once'), status: halted.machine.status ?? {} } }).kind).toBe('Create')
  })
})

describe('failures', () => {
  it('make the next start wait longer, each counted once', () => {
    let view = aView(aMachine('Always'))
    const waits: number[] = []
    for (let round = 1; round <= 8; round++) {
      view = after({ ...view, instance: failed(String(round)) })
      view = after({ ...view, instance: failed(String(round)) })
      view = after({ ...view, instance: anInstance('Failed', { uid: String(round), deletionTimestamp: 'now' }) })
      expect(view.machine.status?.startFailure).toMatchObject({ consecutiveFailCount: round, lastFailedVMIUID: String(round) })
      waits.push(Date.parse(view.machine.status?.startFailure?.retryAfterTimestamp ?? '') - now)
      view = after({ ...view, instance: undefined })
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300, 300].map((seconds) => seconds * 1000))
  })

  it('are counted before the failed instance goes', () => {
    const view = aView(aMachine('RerunOnFailure'), failed('1'))
    expect(decide(view).kind).toBe('Delete')
    const gone = after(view, { instance: undefined })
    expect(decide(gone)).toEqual({ kind: 'WaitUntil', millis: now + 10_000 })
  })

  it('are not what a guest does that was switched off; it is started again at once where failures are rerun', () => {
    const killed = anInstance('Failed', { uid: '2' })
    const off = { ...killed, status: { ...killed.status, reason: 'Killed' } }
    const fresh = after(aView(aMachine('RerunOnFailure'), off))
    expect(fresh.machine.status?.startFailure).toEqual({ consecutiveFailCount: 0, lastFailedVMIUID: '2' })
    expect(decide({ ...fresh, instance: undefined }).kind).toBe('Create')
    const failedBefore = after(aView(aMachine('Always'), failed('1')))
    expect(statusOf({ ...failedBefore, instance: off }).startFailure?.consecutiveFailCount).toBe(1)
  })

  it.each(['Running', 'Succeeded'] as const)('are forgotten once a guest is %s', (phase) => {
    const view = after(aView(aMachine('Always'), failed('1')))
    expect(statusOf({ ...view, instance: anInstance(phase, { uid: '2' }) }).startFailure).toBeUndefined()
  })

  it.each(['Halted', 'Manual'] as const)('are no matter under %s', (strategy) => {
    const status = after(aView(aMachine('Always'), failed('1'))).machine.status ?? {}
    expect(statusOf(aView(aMachine(strategy, status), failed('1'))).startFailure).toBeUndefined()
  })
})

describe('requests of verbs', () => {
  const requests = [{ action: 'Stop' as const, uid: 'vmi' }, { action: 'Start' as const }]
  const left = (view: MachineView) => statusOf(view).stateChangeRequests?.map(({ action }) => action)

  it('are done one after the other', () => {
    const machine = aMachine('Manual', { stateChangeRequests: requests })
    expect(left(aView(machine, anInstance('Running')))).toEqual(['Stop', 'Start'])
    expect(left(aView(machine, anInstance('Running', { deletionTimestamp: 'now' })))).toEqual(['Stop', 'Start'])
    const stopped = after(aView(machine))
    expect(left(stopped)).toEqual(['Start'])
    expect(left({ ...stopped, instance: anInstance('Failed') })).toEqual(['Start'])
    expect(left({ ...stopped, instance: anInstance('Pending', { uid: 'next' }) })).toEqual([])
  })

  it('to start are dropped under a strategy that forbids it', () => {
    for (const strategy of ['Halted', 'Once'] as const)
      expect(left(aView(aMachine(strategy, { stateChangeRequests: [{ action: 'Start' }] })))).toEqual([])
  })
})

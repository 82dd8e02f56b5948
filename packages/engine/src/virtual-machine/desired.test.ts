import type { InstancePhase, RunStrategy, VirtualMachine, VirtualMachineInstance, VirtualMachineStatus } from '@weir/api'
import { describe, expect, it } from 'vitest'
import { decide, type MachineView, printableStatusOf } from './desired.ts'

const spec = { domain: { devices: {} } }
const aMachine = (runStrategy: RunStrategy, status: VirtualMachineStatus = {}): VirtualMachine => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'web', namespace: 'shop', uid: 'vm' },
  spec: { runStrategy, template: { spec } },
  status,
})
const anInstance = (phase: InstancePhase, more: Partial<VirtualMachineInstance['metadata']> = {}): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'web', namespace: 'shop', uid: 'vmi', ...more },
  spec,
  status: { phase },
})
const now = Date.parse('2026-01-01T00:00:00Z')
const view = (machine: VirtualMachine, instance?: VirtualMachineInstance, more: Partial<MachineView> = {}): MachineView => ({
  machine,
  instance,
  disksReady: true,
  diskFailed: false,
  now,
  ...more,
})
const hasRun: VirtualMachineStatus = {
  created: false,
  conditions: [{ type: 'Ready', status: 'False', reason: 'VMINotExists', message: '' }],
}

describe('decide', () => {
  it.each<[RunStrategy, InstancePhase | 'None', string]>([
    ['Always', 'None', 'Create'],
    ['Always', 'Running', 'None'],
    ['Always', 'Succeeded', 'Delete'],
    ['Always', 'Failed', 'Delete'],
    ['Halted', 'None', 'None'],
    ['Halted', 'Running', 'Delete'],
    ['Halted', 'Failed', 'Delete'],
    ['Manual', 'None', 'None'],
    ['Manual', 'Running', 'None'],
    ['Manual', 'Succeeded', 'None'],
    ['RerunOnFailure', 'None', 'Create'],
    ['RerunOnFailure', 'Failed', 'Delete'],
    ['RerunOnFailure', 'Succeeded', 'None'],
    ['Once', 'None', 'Create'],
    ['Once', 'Failed', 'None'],
  ])('under %s with an instance in %s: %s', (strategy, phase, action) => {
    expect(decide(view(aMachine(strategy), phase === 'None' ? undefined : anInstance(phase))).kind).toBe(action)
  })

  it('starts a machine that ran before only if its strategy says so', () => {
    expect(decide(view(aMachine('Once', hasRun))).kind).toBe('None')
    expect(decide(view(aMachine('Always', hasRun))).kind).toBe('Create')
  })

  it('waits for disks, and for the end of a back-off', () => {
    expect(decide(view(aMachine('Always'), undefined, { disksReady: false })).kind).toBe('None')
    const later = { startFailure: { consecutiveFailCount: 1, retryAfterTimestamp: '2026-01-01T00:00:10Z' } }
    expect(decide(view(aMachine('Always', later)))).toEqual({ kind: 'WaitUntil', millis: now + 10_000 })
    expect(decide(view(aMachine('Always', later), undefined, { now: now + 10_000 })).kind).toBe('Create')
  })

  it('does what verbs asked for, to the instance they meant', () => {
    const stop = { stateChangeRequests: [{ action: 'Stop' as const, uid: 'vmi' }] }
    expect(decide(view(aMachine('Manual', stop), anInstance('Running'))).kind).toBe('Delete')
    expect(decide(view(aMachine('Manual', stop), anInstance('Running', { uid: 'another' }))).kind).toBe('None')
    expect(decide(view(aMachine('Manual', stop), anInstance('Running', { deletionTimestamp: 'now' }))).kind).toBe('None')
    expect(decide(view(aMachine('Manual', { stateChangeRequests: [{ action: 'Start' }] }))).kind).toBe('Create')
  })
})

describe('printableStatusOf', () => {
  it.each<[string, MachineView]>([
    ['Stopped', view(aMachine('Halted'))],
    ['Provisioning', view(aMachine('Always'), undefined, { disksReady: false })],
    ['DataVolumeError', view(aMachine('Always'), undefined, { diskFailed: true })],
    ['Starting', view(aMachine('Always'))],
    ['Starting', view(aMachine('Always'), anInstance('Scheduled'))],
    ['Running', view(aMachine('Always'), anInstance('Running'))],
    ['Stopping', view(aMachine('Halted'), anInstance('Running', { deletionTimestamp: 'now' }))],
    ['Stopped', view(aMachine('Manual'), anInstance('Succeeded'))],
    ['CrashLoopBackOff', view(aMachine('Always', { startFailure: { retryAfterTimestamp: '2026-01-01T00:00:10Z' } }))],
  ])('says %s', (status, seen) => {
    expect(printableStatusOf(seen)).toBe(status)
  })
})

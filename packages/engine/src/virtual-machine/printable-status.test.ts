import type { PrintableStatus } from '@weir/api'
import { describe, expect, it } from 'vitest'
import { aMachine, anInstance, aView, now } from './machine-view.fixture.ts'
import type { MachineView } from './machine-view.ts'
import { printableStatusOf } from './printable-status.ts'

const backingOff = { startFailure: { consecutiveFailCount: 1, retryAfterTimestamp: '2026-01-01T00:00:10Z' } }
const deleted = { deletionTimestamp: '2026-01-01T00:00:00Z' }
const paused = anInstance('Running', { conditions: ['Paused=True/PausedByUser'] })

describe('printableStatusOf', () => {
  it.each<[PrintableStatus, string, MachineView]>([
    ['Stopped', 'halted without an instance', aView(aMachine('Halted'))],
    ['Stopped', 'manual and never started', aView(aMachine('Manual'))],
    ['Stopped', 'once, and it has run', aView(aMachine('Once', { runStrategy: 'Once' }))],
    ['Stopped', 'its guest powered off', aView(aMachine('Manual'), anInstance('Succeeded'))],
    ['Stopped', 'it failed and is not started again', aView(aMachine('Once'), anInstance('Failed'))],
    ['Provisioning', 'disks are filled', aView(aMachine('Always'), undefined, { disks: { kind: 'Provisioning' } })],
    [
      'Provisioning',
      'disks are filled though it is halted',
      aView(aMachine('Halted'), undefined, { disks: { kind: 'Provisioning' } }),
    ],
    ['DataVolumeError', 'a disk failed', aView(aMachine('Always'), undefined, { disks: { kind: 'Failed', name: 'x' } })],
    ['ErrorPvcNotFound', 'a claim is missing', aView(aMachine('Always'), undefined, { disks: { kind: 'Missing', name: 'x' } })],
    [
      'Stopped',
      'a claim is missing and it is halted',
      aView(aMachine('Halted'), undefined, { disks: { kind: 'Missing', name: 'x' } }),
    ],
    [
      'ErrorPvcNotFound',
      'the host found no disk',
      aView(aMachine('Always'), anInstance('Scheduled', { conditions: ['Synchronized=False/FailedPvcNotFound'] })),
    ],
    ['WaitingForVolumeBinding', 'a claim is not bound', aView(aMachine('Always'), undefined, { disks: { kind: 'Unbound' } })],
    ['Starting', 'an instance is to be made', aView(aMachine('Always'))],
    ['Starting', 'accepted', aView(aMachine('Always'), anInstance('Pending'))],
    ['Starting', 'waiting for a host', aView(aMachine('Always'), anInstance('Scheduling'))],
    ['Starting', 'on a host', aView(aMachine('Always'), anInstance('Scheduled'))],
    [
      'ErrorUnschedulable',
      'no host has room',
      aView(aMachine('Always'), anInstance('Scheduling', { conditions: ['PodScheduled=False/Unschedulable'] })),
    ],
    ['Running', 'the guest runs', aView(aMachine('Always'), anInstance('Running'))],
    ['Paused', 'the guest is held', aView(aMachine('Always'), paused)],
    ['Unknown', 'its host is lost', aView(aMachine('Always'), paused, { isHostLost: true })],
    ['Stopping', 'the guest is told to power off', aView(aMachine('Halted'), anInstance('Running', deleted))],
    ['CrashLoopBackOff', 'it failed and waits', aView(aMachine('Always', backingOff))],
    ['Starting', 'its wait is over', aView(aMachine('Always', backingOff), undefined, { now: now + 10_000 })],
    ['Stopped', 'it failed and is halted', aView(aMachine('Halted', backingOff))],
  ])('%s: %s', (status, _, seen) => {
    expect(printableStatusOf(seen)).toBe(status)
  })

  it('is Terminating before all else', () => {
    const machine = aMachine('Always')
    const dying = { ...machine, metadata: { ...machine.metadata, ...deleted } }
    for (const instance of [undefined, anInstance('Running'), anInstance('Running', deleted)])
      expect(printableStatusOf(aView(dying, instance))).toBe('Terminating')
  })

  it('tells of the guest that runs before the disks of the next one', () => {
    expect(printableStatusOf(aView(aMachine('Always'), anInstance('Running'), { disks: { kind: 'Failed', name: 'x' } }))).toBe(
      'Running',
    )
  })
})

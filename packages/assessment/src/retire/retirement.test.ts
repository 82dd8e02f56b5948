import { expect, it } from 'vitest'
import { aMachine, aMonth } from '../testing/builders.ts'
import { retirementOf } from './retirement.ts'

const idle = { startTime: '2026-03-15T00:00:00Z', stepSeconds: 300, cpuMhz: aMonth(() => 40) }

it.each([
  ['is off', { power: 'Off' }, 'PoweredOff'],
  ['is orphaned', { connection: 'orphaned' }, 'Orphaned'],
  ['idles for a month', { usage: idle }, 'Idle'],
] as const)('names a machine that %s', (_, changes, kind) => {
  expect(retirementOf(aMachine(changes))?.kind).toBe(kind)
})

it.each([
  ['works now and then', { usage: { ...idle, cpuMhz: aMonth((step) => (step % 50 === 0 ? 3000 : 40)) } }],
  ['was seen for a week', { usage: { ...idle, cpuMhz: idle.cpuMhz.slice(0, 7 * 288) } }],
  ['was not measured', {}],
])('says nothing of a machine that %s', (_, changes) => {
  expect(retirementOf(aMachine(changes))).toBeUndefined()
})

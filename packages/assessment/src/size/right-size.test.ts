import { describe, expect, it } from 'vitest'
import { aMachine, aMonth } from '../testing/builders.ts'
import { evidenceOf } from './evidence.ts'
import { rightSize } from './right-size.ts'

const gibibyte = 2 ** 30
const startTime = '2026-03-15T00:00:00Z'

describe('CPU', () => {
  it('shrinks to the percentile with headroom, rounded up to whole vCPUs', () => {
    const machine = aMachine({
      cpu: { count: 8 },
      usage: { startTime, stepSeconds: 300, cpuMhz: aMonth((step) => (step % 200 === 0 ? 15_000 : 8000)) },
    })
    // 99 % of the time 8000 MHz at most: with a fifth more 9600 MHz, on cores of 2500 MHz.
    expect(rightSize(machine, 2500).cpuCount).toMatchObject({ kind: 'Resize', from: 8, to: 4, evidence: { confidence: 'High' } })
  })

  it('never cuts more than half at a time', () => {
    const machine = aMachine({ cpu: { count: 16 }, usage: { startTime, stepSeconds: 300, cpuMhz: aMonth(() => 100) } })
    expect(rightSize(machine, 2500).cpuCount).toMatchObject({ kind: 'Resize', to: 8 })
  })

  it.each([
    ['no curve', {}, 2500, /No CPU usage/u],
    ['no clock', { usage: { stepSeconds: 300, cpuMhz: aMonth(() => 1) } }, undefined, /speed of the cores/u],
    ['a busy machine', { usage: { startTime, stepSeconds: 300, cpuMhz: aMonth(() => 9000) } }, 2500, /needs the size/u],
    ['one day', { usage: { startTime, stepSeconds: 300, cpuMhz: Array.from({ length: 288 }, () => 1) } }, 2500, /too little/u],
    [
      'holes',
      { usage: { startTime, stepSeconds: 300, cpuMhz: aMonth((step) => (step % 2 === 0 ? 1 : null)) } },
      2500,
      /50 % measured/u,
    ],
  ])('keeps its size with %s', (_, changes, mhz, reason) => {
    expect(rightSize(aMachine(changes), mhz).cpuCount).toMatchObject({
      kind: 'Keep',
      reason: { text: expect.stringMatching(reason) },
    })
  })
})

describe('memory', () => {
  it('shrinks to what the guest needed at its highest, with headroom, in steps of 256 MiB', () => {
    const machine = aMachine({
      usage: { startTime, stepSeconds: 300, memoryNeededBytes: aMonth((step) => (step === 7 ? 9 : 6) * gibibyte) },
    })
    expect(rightSize(machine, 2500).memoryMebibytes).toMatchObject({ kind: 'Resize', from: 16_384, to: 11_520 })
  })

  it('takes consumed memory where nothing better was measured', () => {
    const machine = aMachine({ usage: { startTime, stepSeconds: 300, memoryConsumedBytes: aMonth(() => 8 * gibibyte) } })
    expect(rightSize(machine, 2500).memoryMebibytes).toMatchObject({
      kind: 'Resize',
      to: 10_240,
      reason: { text: expect.stringMatching(/consumed/u) },
    })
  })

  it('never takes active memory for a size', () => {
    const machine = aMachine({ usage: { startTime, stepSeconds: 300, memoryActiveBytes: aMonth(() => gibibyte) } })
    expect(rightSize(machine, 2500).memoryMebibytes).toMatchObject({
      kind: 'Keep',
      size: 16_384,
      reason: { text: expect.stringMatching(/active memory/u) },
    })
  })

  it.each(['prod-oracle-7', 'crm-db01', 'sqlprod'])('leaves %s alone: its memory is its own by configuration', (name) => {
    const machine = aMachine({ name, usage: { startTime, stepSeconds: 300, memoryNeededBytes: aMonth(() => gibibyte) } })
    expect(rightSize(machine, 2500).memoryMebibytes).toMatchObject({
      kind: 'Keep',
      reason: { text: expect.stringContaining(name) },
    })
  })

  it('does not go below what Windows wants', () => {
    const machine = aMachine({
      memory: { sizeBytes: 4 * gibibyte },
      guest: { ipAddresses: [], configuredOs: 'Microsoft Windows Server 2019 (64-bit)' },
      usage: { startTime, stepSeconds: 300, memoryNeededBytes: aMonth(() => gibibyte / 4) },
    })
    expect(rightSize(machine, 2500).memoryMebibytes).toMatchObject({ kind: 'Resize', to: 2048 })
  })
})

it.each([
  {
    of: '30 days over a month end in steps of 5 minutes',
    start: startTime,
    stepSeconds: 300,
    count: 30 * 288,
    confidence: 'High',
  },
  { of: '30 days within a month', start: '2026-03-01T00:00:00Z', stepSeconds: 300, count: 30 * 288, confidence: 'Medium' },
  { of: 'a window without a date', stepSeconds: 300, count: 40 * 288, confidence: 'Medium' },
  { of: 'steps of half an hour', start: startTime, stepSeconds: 1800, count: 60 * 48, confidence: 'Medium' },
  { of: 'a week in steps of two hours', start: startTime, stepSeconds: 7200, count: 84, confidence: 'Low' },
  { of: 'two days', start: startTime, stepSeconds: 300, count: 2 * 288, confidence: 'Low' },
])('trusts $of: $confidence', ({ start, stepSeconds, count, confidence }) => {
  const series = Array.from({ length: count }, () => 1)
  expect(evidenceOf({ ...(start === undefined ? {} : { startTime: start }), stepSeconds }, series).confidence).toBe(confidence)
})

import { describe, expect, it } from 'vitest'
import { aMachine } from '../testing/builders.ts'
import { commonTimeline, cpuDemand } from './curves.ts'

const sized = (cpuMhz?: readonly (number | null)[], stepSeconds = 60) => ({
  machine: aMachine(cpuMhz === undefined ? {} : { usage: { stepSeconds, cpuMhz } }),
  cpuCount: 4,
  memoryMebibytes: 1024,
  cpuRatio: 2,
  mhzPerCore: 2500,
})
const timeline = { count: 3, stepSeconds: 60 }

it('plans on the raster that most curves have', () => {
  expect(commonTimeline([sized([1, 2]), sized([1, 2, 3]), sized([3, 2, 1]), sized()])).toEqual(timeline)
  expect(commonTimeline([sized(), sized([null, null])])).toBeUndefined()
})

it.each([
  ['a curve as it is, in whole MHz', sized([1.2, 2, 3]), { curves: { mhz: [2, 2, 3] } }],
  ['a gap as the highest point', sized([1, null, 7]), { curves: { mhz: [1, 7, 7] } }],
  ['another raster as its highest point', sized([1, 9], 300), { requests: { mhz: 9 } }],
  ['no curve as its share of today', sized(), { requests: { mhz: 5000 } }],
  ['a curve of gaps as no curve', sized([null, null, null]), { requests: { mhz: 5000 } }],
])('takes %s', (_, machine, demand) => {
  expect(cpuDemand(machine, timeline)).toEqual(demand)
})

describe('a gap', () => {
  // Steps of eight hours: three to a day.
  const usage = (days: readonly (number | null)[][]) => sized(days.flat(), 28_800)
  const filled = (days: readonly (number | null)[][]) =>
    cpuDemand(usage(days), { count: days.flat().length, stepSeconds: 28_800 })

  it('counts as the highest of that time on other days', () => {
    const days = [
      [10, 900, 20],
      [12, 800, 20],
      [11, 850, 20],
      [null, null, null],
    ]
    expect(filled(days)).toEqual({ curves: { mhz: [10, 900, 20, 12, 800, 20, 11, 850, 20, 12, 900, 20] } })
  })

  it('counts as the highest of all where fewer than three days show that time', () => {
    const days = [
      [10, 900, null],
      [12, 800, 20],
      [11, 850, 20],
      [null, null, null],
    ]
    expect(filled(days)).toEqual({ curves: { mhz: [10, 900, 900, 12, 800, 20, 11, 850, 20, 12, 900, 900] } })
  })

  it('counts as the highest of all where steps do not divide a day', () => {
    const series = [1, 1, 1, 1, 1, 1, 1, 7, null]
    expect(cpuDemand(sized(series, 50_000), { count: 9, stepSeconds: 50_000 })).toEqual({
      curves: { mhz: [1, 1, 1, 1, 1, 1, 1, 7, 7] },
    })
  })
})

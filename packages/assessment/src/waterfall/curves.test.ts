import { expect, it } from 'vitest'
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

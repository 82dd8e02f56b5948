import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sharedData } from '@weir/testkit'
import { openEstateFiles } from '../door/open-estate.ts'
import type { Estate } from '../model/estate.ts'

const header = 'machine,metric,start,stepSeconds'
const info = { name: 'vInfo.csv', bytes: Buffer.from('VM,CPUs,Memory,SMBIOS UUID\na,1,1,4200AB\nb,1,1,4200CD\nb,1,1,4200EF\n') }
const open = (...lines: readonly string[]): Promise<Estate> =>
  openEstateFiles([info, { name: 'usage.csv', bytes: Buffer.from([header, ...lines].join('\n')) }])

describe('a usage file', () => {
  it('gives curves to machines by name or UUID, with gaps', async () => {
    const estate = await open(
      'a,cpuMhz,2026-01-01T00:00:00Z,300,1,,3.5',
      'a,memoryActiveBytes,2026-01-01T00:00:00Z,300,7',
      '4200cd,cpuMhz,,60,1',
    )
    expect(estate.machines.map(({ usage }) => usage)).toEqual([
      { startTime: '2026-01-01T00:00:00Z', stepSeconds: 300, cpuMhz: [1, null, 3.5], memoryActiveBytes: [7] },
      { stepSeconds: 60, cpuMhz: [1] },
      undefined,
    ])
  })

  it('tells machines that the estate does not have, or has twice', async () => {
    const estate = await open('b,cpuMhz,,60,1', 'z,cpuMhz,,60,1')
    expect(estate.findings).toContainEqual(
      expect.objectContaining({ field: 'usage', message: expect.stringContaining('b, z') as unknown }),
    )
  })

  it.each([
    ['no machine', ',cpuMhz,,60,1'],
    ['an unknown metric', 'a,cpu,,60,1'],
    ['a start that is no time', 'a,cpuMhz,monday,60,1'],
    ['no step', 'a,cpuMhz,,0,1'],
    ['a value that is none', 'a,cpuMhz,,60,much'],
    ['a negative value', 'a,cpuMhz,,60,-1'],
  ])('with %s is refused', async (_, line) => {
    await expect(open(line)).rejects.toMatchObject({ code: 'ESTATE_INVALID', causes: [{ field: 'line 2' }] })
  })

  it('with one curve twice, or two rasters for a machine, is refused', async () => {
    await expect(open('a,cpuMhz,,60,1', 'a,cpuMhz,,60,1')).rejects.toMatchObject({ causes: [{ field: 'line 3' }] })
    await expect(open('a,cpuMhz,,60,1', 'a,memoryActiveBytes,,61,1')).rejects.toMatchObject({ causes: [{ field: 'line 3' }] })
  })
})

const trace = sharedData('placement/bitbrains/cpu_mhz_30min_2013-07.csv')
it.runIf(trace)('curves of 500 real machines over a month come through', async () => {
  const [first = '', ...lines] = readFileSync(trace ?? '', 'utf8')
    .trim()
    .split('\n')
  const [, , start, , step] = first.split(',')
  const startTime = new Date(Number(start) * 1000).toISOString()
  const usage = lines.map((line) => line.replace(/^(\d+),/u, (_, id: string) => `m${id},cpuMhz,${startTime},${step},`))
  const machines = lines.map((line) => `m${/^\d+/u.exec(line)?.[0]},1,1`)
  const estate = await openEstateFiles([
    { name: 'vInfo.csv', bytes: Buffer.from(['VM,CPUs,Memory', ...machines].join('\n')) },
    { name: 'curves', bytes: Buffer.from([header, ...usage].join('\n')) },
  ])
  expect(estate.machines).toHaveLength(lines.length)
  expect(estate.machines.every((each) => each.usage?.cpuMhz?.length === 1440 && each.usage.stepSeconds === 1800)).toBe(true)
})

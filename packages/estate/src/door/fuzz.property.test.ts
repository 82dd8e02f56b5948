import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { isWeirError } from '@weir/base'
import { writeWorkbook } from '@weir/testkit'
import { parseEstate } from '../document/parse-estate.ts'
import { openEstateFile } from './open-estate.ts'

const titles = [
  'VM',
  'Powerstate',
  'CPUs',
  'Memory',
  'Provisioned MiB',
  'PowerOn',
  'Cluster',
  'Host',
  'VM ID',
  '__proto__',
  'constructor',
]
const workbook = writeWorkbook([
  { name: 'vInfo', rows: [titles, ['a', 'poweredOn', 1, 2048, 3, 45_000.5, 'c', 'h', 'vm-1', 'x', 'y']] },
  {
    name: 'vDisk',
    rows: [
      ['VM', 'Disk', 'Capacity MiB', 'VM ID'],
      ['a', 'Hard disk 1', 10, 'vm-1'],
    ],
  },
])

/** Opens bytes; what comes is an estate that keeps its own rules, or an error with a code. */
async function openSafely(bytes: Uint8Array): Promise<void> {
  try {
    const estate = await openEstateFile({ name: 'x', bytes })
    expect(parseEstate(JSON.parse(JSON.stringify(estate)))).toEqual(estate)
  } catch (error) {
    if (!isWeirError(error)) throw error
    expect(error.code).toMatch(/^(?:ESTATE|IMAGE)_/u)
  }
}

it('random bytes never crash or hang a reader', async () => {
  const starts = fc.constantFrom('', 'PK\u0003\u0004', '{', '<', 'VM,CPUs,Memory\n', 'machine,metric,start,stepSeconds\n')
  await fc.assert(
    fc.asyncProperty(starts, fc.uint8Array({ maxLength: 600 }), async (start, bytes) => {
      await openSafely(Buffer.concat([Buffer.from(start, 'latin1'), bytes]))
    }),
    { numRuns: 300 },
  )
})

it('nor does a workbook that is cut off or has bytes changed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(workbook.length),
      fc.array(fc.tuple(fc.nat(workbook.length - 1), fc.nat(255)), { maxLength: 4 }),
      async (length, changes) => {
        const bytes = Uint8Array.from(workbook)
        for (const [at, value] of changes) bytes[at] = value
        await openSafely(length % 2 === 0 ? bytes : bytes.subarray(0, length))
      },
    ),
    { numRuns: 300 },
  )
})

it('nor do cells of any content, which become an estate that keeps its own rules', async () => {
  const cell = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constant(undefined),
    fc.constantFrom('1.234,5', '-1', '99999999999999999999', '31/12/2025 23:59', '1/2/2025', '=1+1', 'True'),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(cell, { maxLength: titles.length }), { maxLength: 5 }), async (rows) => {
      const clean = rows.map((row) =>
        row.map((each) => (typeof each === 'string' ? each.replaceAll(/[^\u0020-\uD7FF]/gu, '') : each)),
      )
      await openSafely(writeWorkbook([{ name: 'vInfo', rows: [titles, ...clean] }]))
    }),
    { numRuns: 300 },
  )
  expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
})

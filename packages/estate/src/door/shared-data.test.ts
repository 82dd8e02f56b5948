import { describe, expect, it } from 'vitest'
import { sharedData } from '@weir/testkit'
import { parseEstate } from '../document/parse-estate.ts'
import { openEstateFile, openEstateFiles } from './open-estate.ts'

const real = sharedData('rvtools/kubev2v-migration-planner-example1.xlsx')
const small = sharedData('rvtools/rvtools-small-complete.xlsx')
const workshop = ['vinfo', 'vpartition', 'vhost'].flatMap(
  (name) => sharedData(`rvtools/sizing-workshop-anonymised-${name}.csv`) ?? [],
)

describe.runIf(real)('a real workbook of six sheets that declares 1,048,575 rows', () => {
  it('becomes an estate of its machines and hosts', async () => {
    const estate = await openEstateFile(real ?? '')
    expect(estate.machines).toHaveLength(9)
    expect(estate.hosts).toHaveLength(10)
    expect(estate.clusters.map(({ name }) => name)).toEqual(['Cluster'])
    expect(estate.machines[0]).toMatchObject({
      name: 'vm-1',
      power: 'Off',
      createdTime: '2025-02-26T12:53:35Z',
      hardwareVersion: 21,
      firmware: 'efi',
      cpu: { count: 1, coresPerSocket: 1 },
      memory: { sizeBytes: 2224 * 2 ** 20 },
      provisionedBytes: 105_742 * 2 ** 20,
      disks: [{ id: '2000', capacityBytes: 103_424 * 2 ** 20, isThin: true }],
    })
    expect(estate.findings.filter(({ object }) => object === 'sheet/vNetwork')).toHaveLength(1)
    expect(parseEstate(JSON.parse(JSON.stringify(estate)))).toEqual(estate)
  })

  it('keeps nothing of its notes and custom attributes', async () => {
    expect(JSON.stringify(await openEstateFile(real ?? ''))).not.toContain('10.46.29.190:8443')
  })
})

it.runIf(small)('reads a workbook of inline texts and few columns', async () => {
  const estate = await openEstateFile(small ?? '')
  expect(estate.machines.map(({ name }) => name)).toEqual(['sample-web-01', 'sample-db-01', 'sample-archive-01'])
  expect(estate.machines[0]?.disks).toHaveLength(2)
  expect(estate.machines[1]?.snapshots).toEqual([{ name: 'pre-maintenance', sizeBytes: 512 * 2 ** 20 }])
})

describe.runIf(workshop.length === 3)('three loose CSV files of 805 machines', () => {
  it('are joined, their gaps told', async () => {
    const estate = await openEstateFiles(workshop, { name: 'workshop' })
    expect(estate.machines).toHaveLength(805)
    expect(estate.machines.reduce((sum, { cpu }) => sum + (cpu.count ?? 0), 0)).toBe(2741)
    expect(estate.machines.flatMap(({ partitions }) => partitions)).toHaveLength(1618)
    const about = (field: string | undefined, kind: string): number =>
      estate.findings.filter((each) => each.object.startsWith('host/') && each.field === field && each.kind === kind).length
    expect(about('Host', 'Missing')).toBe(5)
    expect(about(undefined, 'Contradictory')).toBe(1)
  })
})

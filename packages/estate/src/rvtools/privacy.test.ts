import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type SheetCell, type SheetInput, sharedData, writeWorkbook } from '@weir/testkit'
import { openEstateFile } from '../door/open-estate.ts'
import { parseHeader } from './headers.ts'
import { type Field, sheets } from './sheets.ts'

/** Columns of RVTools that hold people, secrets or identities of hardware, and attributes that bear the names of real columns. */
const attributes = ['Owner', 'Contact', 'Cost centre', 'NB_LAST_BACKUP', 'VM', 'Host', 'Cluster', 'Folder', 'VM ID', '__proto__']
const others = {
  vInfo: [
    'Annotation',
    ...attributes,
    'Datacenter',
    'Customization Info',
    'Guest Detailed Data',
    'Path',
    'Log directory',
    'Guest state',
  ],
  vDisk: ['Annotation', ...attributes, 'Datacenter', 'Raw LUN ID', 'Folder'],
  vSnapshot: ['Description', 'Filename', 'State', 'Annotation', ...attributes, 'Datacenter'],
  vHost: [
    'Assigned License(s)',
    'Serial number',
    'Service tag',
    'OEM specific string',
    'Certificate Subject',
    'Certificate Issuer',
    'Domain',
    'DNS Servers',
    'NTP Server(s)',
    'Object ID',
    ...attributes,
    'UUID',
    'VI SDK Server',
  ],
  dvPort: ['Object ID', 'Active Uplink'],
  dvSwitch: ['Contact', 'Admin Name', 'Description'],
  vLicense: ['Name', 'Key', 'Labels', 'Features'],
  vHealth: ['Name', 'Message'],
  vFileInfo: ['Friendly Path Name', 'File Name', 'Path'],
  vMultiPath: ['Serial #', 'Display name'],
  vHBA: ['WWN', 'Model'],
  vRP: ['Resource Pool name'],
} as const satisfies Readonly<Record<string, readonly string[]>>

const kept: Readonly<Record<string, SheetCell>> = {
  VM: 'a',
  Host: 'h',
  'VM ID': 'vm-1',
  'VI SDK UUID': 'V1',
  Cluster: 'c',
  Name: 'n',
  'Port Group': 'lan',
  Port: 'lan',
  Datacenter: 'dc',
}

/** Every column of the allow-list with a plain value, then the others with a canary each. */
function sheetWithCanaries(name: string, columns: readonly string[]): SheetInput {
  const wanted = name in sheets ? Object.values<Field>(sheets[name as keyof typeof sheets]).map(({ title }) => title) : []
  const own = wanted.filter(
    (title) => title !== 'Annotation' && title !== 'Description' && title !== 'Datacenter' && title !== 'Path',
  )
  const headers = [...own, ...columns.filter((column) => column !== 'Datacenter' || !own.includes(column))]
  const values = headers.map((header, index): SheetCell =>
    index < own.length
      ? (kept[header] ?? undefined)
      : header === 'Datacenter'
        ? 'dc'
        : `CANARY ${name} ${header} password: hunter2`,
  )
  return { name, rows: [headers, values] }
}

describe('nothing that the allow-list does not name is kept', () => {
  it('of notes, attributes, licences, serial numbers and people', async () => {
    const input = Object.entries(others).map(([name, columns]) => sheetWithCanaries(name, columns))
    const estate = await openEstateFile({ name: 'x.xlsx', bytes: writeWorkbook(input) })
    expect(estate.machines).toMatchObject([{ id: 'v1/vm-1', name: 'a', hasSecretInNotes: true, hasForeignBackup: true }])
    expect(estate.hosts).toMatchObject([{ name: 'h' }])
    expect(JSON.stringify(estate)).not.toMatch(/CANARY|hunter2/u)
  })

  const columns = sharedData('rvtools/rvtools-columns.json')
  it.runIf(columns)('of any other column of the 27 sheets', async () => {
    const { sheets: lists } = JSON.parse(readFileSync(columns ?? '', 'utf8')) as {
      sheets: Readonly<Record<string, readonly string[]>>
    }
    const input = Object.entries(lists).map(([name, all]) => {
      const fields = name in sheets ? Object.values<Field>(sheets[name as keyof typeof sheets]) : []
      const keys = new Set(fields.flatMap((field) => (field.type === 'Note' ? [] : field.keys)))
      const headers = all.flatMap((header) => (header === '<custom>' ? attributes : [header]))
      const customStart = all.indexOf('<custom>')
      const isCustom = (index: number): boolean =>
        customStart !== -1 && index >= customStart && index < customStart + attributes.length
      const isWanted = (header: string, index: number): boolean => keys.has(parseHeader(header, name).key) && !isCustom(index)
      const row = headers.map((header, index): SheetCell => (isWanted(header, index) ? kept[header] : `CANARY ${name} ${header}`))
      return { name, rows: [headers, row] }
    })
    const estate = await openEstateFile({ name: 'x.xlsx', bytes: writeWorkbook(input) })
    expect(estate.machines).toMatchObject([{ id: 'v1/vm-1', name: 'a' }])
    expect(estate.sources[0]?.parts).toHaveLength(27)
    expect(JSON.stringify(estate).match(/CANARY[^"]*/u)).toBeNull()
  })
})

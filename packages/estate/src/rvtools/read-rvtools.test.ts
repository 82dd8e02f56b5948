import { describe, expect, it } from 'vitest'
import { type SheetCell, type SheetInput, writeWorkbook } from '@weir/testkit'
import { openEstateFile, openEstateFiles } from '../door/open-estate.ts'
import type { Estate } from '../model/estate.ts'

type Row = Readonly<Record<string, SheetCell>>

/** A sheet of rows by header; the headers are those of all rows, in their order. */
function sheet(name: string, ...rows: readonly Row[]): SheetInput {
  const headers = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return { name, rows: [headers, ...rows.map((row) => headers.map((header) => row[header]))] }
}

const open = (...sheets: readonly SheetInput[]): Promise<Estate> =>
  openEstateFile({ name: 'export.xlsx', bytes: writeWorkbook(sheets) })
const ids = { 'VM ID': 'vm-1', 'VI SDK UUID': 'V1' }
const vm = { VM: 'a', Powerstate: 'poweredOn', CPUs: 2, Memory: 4096, Cluster: 'c', Host: 'h', ...ids }
const findingsOf = (estate: Estate, object: string): readonly string[] =>
  estate.findings.filter((each) => each.object === object).map(({ kind, field }) => `${kind} ${field ?? ''}`.trim())

describe('headers', () => {
  it.each<[string, Row]>([
    [
      'of release 4',
      { VM: 'a', 'Provisioned MiB': 1024, 'In Use MiB': 512, 'VI SDK UUID': 'V1', 'VM ID': 'vm-1', EnableUUID: 'True' },
    ],
    [
      'of older releases',
      { VM: 'a', 'Provisioned MB': 1024, 'In use MB ': 512, 'vCenter UUID': 'V1', 'VM ID': 'vm-1', 'disk.EnableUUID': 'True' },
    ],
    [
      'in other spelling',
      { ' vm ': 'a', 'PROVISIONED  MIB': 1024, in_use_mib: 512, 'vi sdk uuid': 'V1', 'VM Id': 'vm-1', 'enable uuid': 'yes' },
    ],
    [
      'as names of a database',
      {
        vInfoVMName: 'a',
        vInfoProvisionedMiB: 1024,
        vInfoInUse: 512,
        vInfoVISDKUUID: 'V1',
        vInfoVMID: 'vm-1',
        vInfoEnableUUID: true,
      },
    ],
    [
      'in other units',
      { VM: 'a', 'Provisioned GB': 1, 'In Use (KiB)': 524_288, 'VI SDK UUID': 'V1', 'VM ID': 'vm-1', EnableUUID: 1 },
    ],
  ])('%s', async (_, row) => {
    const estate = await open(sheet('vInfo', row))
    expect(estate.machines).toMatchObject([
      { id: 'v1/vm-1', name: 'a', provisionedBytes: 2 ** 30, usedBytes: 2 ** 29, isDiskUuidEnabled: true },
    ])
  })

  it('below a title, in sheets called tabvInfo', async () => {
    const { rows } = sheet('vInfo', vm)
    const estate = await open({ name: 'tabvInfo', rows: [['Export of Monday'], [], ...rows] })
    expect(estate.machines).toMatchObject([{ name: 'a' }])
    expect(estate.sources[0]?.parts).toEqual(['vInfo'])
  })

  it('of other sheets stay unread', async () => {
    const estate = await open(sheet('vInfo', vm), { name: 'vInfo by owner', rows: [['VM'], ['b']] })
    expect(estate.machines).toHaveLength(1)
  })
})

describe('values', () => {
  it.each<[SheetCell, number | undefined]>([
    ['4.096', 4096],
    ['4,096', 4096],
    ['4 096', 4096],
    ["4'096", 4096],
    ['1.048.576,5', 1_048_576.5],
    ['2,5', 2.5],
    [0, 0],
    [-1, undefined],
    ['lots', undefined],
    [1e300, undefined],
    [true, undefined],
  ])('a size of %s MiB', async (value, mebibytes) => {
    const estate = await open(sheet('vInfo', { ...vm, 'In Use MiB': value }))
    expect(estate.machines[0]?.usedBytes).toBe(mebibytes === undefined ? undefined : mebibytes * 2 ** 20)
    expect(findingsOf(estate, 'sheet/vInfo')).toEqual(mebibytes === undefined ? ['Invalid In Use MiB'] : [])
  })

  it.each<[SheetCell, string | undefined]>([
    [46_053.5, '2026-01-31T12:00:00Z'],
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00Z'],
    ['2026/01/31 12:00', '2026-01-31T12:00:00Z'],
    ['31.01.2026 12:00:00', '2026-01-31T12:00:00Z'],
    ['1/31/2026 12:00:00 PM', '2026-01-31T12:00:00Z'],
    ['31/01/2026 12:00', '2026-01-31T12:00:00Z'],
    ['01/02/2026 12:00', undefined],
    ['31/31/2026', undefined],
    ['yesterday', undefined],
  ])('a time written as %s', async (value, time) => {
    expect((await open(sheet('vInfo', { ...vm, PowerOn: value }))).machines[0]?.poweredOnTime).toBe(time)
  })

  it.each<[SheetCell, number | undefined]>([
    ['1.234', 1.234],
    ['1,5 %', 1.5],
    [3, 3],
    ['-1', undefined],
  ])('a percentage of %s', async (value, percent) => {
    const estate = await open(sheet('vInfo', { ...vm, 'Overall Cpu Readiness': value }))
    expect(estate.machines[0]?.cpu.readinessPercent).toBe(percent)
  })

  it('times that could be read two ways follow the others of the file, unless those differ', async () => {
    const snapshot = (time: string): Row => ({ VM: 'a', Name: 's', 'Date / time': time, ...ids })
    const one = await open(sheet('vInfo', vm), sheet('vSnapshot', snapshot('01/02/2026 00:00'), snapshot('25/02/2026 00:00')))
    expect(one.machines[0]?.snapshots.map(({ createdTime }) => createdTime)).toEqual([
      '2026-02-01T00:00:00Z',
      '2026-02-25T00:00:00Z',
    ])
    const two = await open(sheet('vInfo', vm), sheet('vSnapshot', ...['1/2/2026', '25/2/2026', '2/25/2026'].map(snapshot)))
    expect(two.machines[0]?.snapshots.map(({ createdTime }) => createdTime)).toEqual([
      undefined,
      '2026-02-25T00:00:00Z',
      '2026-02-25T00:00:00Z',
    ])
    expect(findingsOf(two, 'source/export.xlsx')).toEqual(['Invalid'])
  })

  it('times of workbooks that count from 1904', async () => {
    const bytes = writeWorkbook([sheet('vInfo', { ...vm, PowerOn: 44_591.5 })], { uses1904Dates: true })
    expect((await openEstateFile({ name: 'x', bytes })).machines[0]?.poweredOnTime).toBe('2026-01-31T12:00:00Z')
  })

  it('a machine of every sheet', async () => {
    const estate = await open(
      sheet('vInfo', {
        ...vm,
        NICs: 1,
        Disks: 1,
        'Total disk capacity MiB': 1024,
        'SMBIOS UUID': '4200AA',
        'VM UUID': '50AA',
        Firmware: 'efi',
        'HW version': 'vmx-19',
        'Cluster rule(s)': 'anti',
        'Cluster rule name(s)': 'apart',
        Annotation: 'Password: hunter2',
      }),
      sheet('vCPU', { VM: 'a', ...ids, CPUs: 2, 'Cores p/s': 2, Reservation: 100, Limit: -1, 'Hot Add': 'True', Overall: 50 }),
      sheet('vMemory', { VM: 'a', ...ids, 'Size MiB': 4096, Active: 100, Limit: 4096, Reservation: 0 }),
      sheet('vDisk', {
        VM: 'a',
        ...ids,
        Disk: 'Hard disk 1',
        'Disk Key': 2000,
        'Capacity MiB': 1024,
        Path: '[ds1] a/a.vmdk',
        Raw: 'True',
        'Raw Comp. Mode': 'physicalMode',
        'Shared Bus': 'physicalSharing',
        'Sharing mode': 'sharingNone',
      }),
      sheet('vPartition', { VM: 'a', ...ids, Disk: 'C:\\', 'Capacity MiB': 100, 'Consumed MiB': 40 }),
      sheet('vNetwork', {
        VM: 'a',
        ...ids,
        'NIC label': 'n1',
        Adapter: 'SriovEthernetCard',
        Network: 'lan',
        'Mac Address': '00-50-56-AA-00-01',
        'IPv4 Address': '10.0.0.1, 10.0.0.2',
      }),
      sheet('vSnapshot', { VM: 'a', ...ids, Name: 'VEEAM BACKUP TEMPORARY SNAPSHOT', 'Size MiB (total)': 2 }),
      sheet('vTools', { VM: 'a', ...ids, Tools: 'toolsOk', 'Tools Version': 12_345 }),
      sheet('vCD', { VM: 'a', ...ids, 'Device Node': 'CD/DVD drive 1', Connected: true }),
      sheet('vUSB', { VM: 'a', ...ids, 'Device Node': 'USB 1', Connected: 0 }),
      sheet('vCluster', { Name: 'c', 'HA enabled': 'True', 'DRS enabled': 'False', 'VI SDK UUID': 'V1' }),
      sheet('vHost', {
        Host: 'h',
        Datacenter: 'd',
        Cluster: 'c',
        Speed: 2400,
        '# CPU': 2,
        'Cores per CPU': 8,
        'HT Active': true,
        '# Memory': 1024,
        'VI SDK UUID': 'V1',
      }),
      sheet('vDatastore', { Name: 'ds1', Type: 'VMFS', 'Capacity MiB': 2048, 'Free MiB': 1, 'VI SDK UUID': 'V1' }),
      sheet('dvPort', { Port: 'lan', Switch: 'dvs', VLAN: 120, 'Allow Promiscuous': 'True', 'VI SDK UUID': 'V1' }),
      sheet('vSC_VMK', { 'Port Group': 'lan', 'VI SDK UUID': 'V1' }),
      sheet('vMetaData', { 'RVTools version': '4.7.1', 'xlsx creation datetime': '2026-01-31 12:00:00' }),
    )
    expect(estate.metadata.collectedTime).toBe('2026-01-31T12:00:00Z')
    expect(estate.clusters.map(({ name, isHaEnabled, isDrsEnabled }) => [name, isHaEnabled, isDrsEnabled])).toContainEqual([
      'c',
      true,
      false,
    ])
    expect(estate.hosts).toMatchObject([{ name: 'h', cores: 16, threads: 32, memoryBytes: 2 ** 30 }])
    expect(estate.datastores).toMatchObject([{ name: 'ds1', capacityBytes: 2 ** 31 }])
    expect(estate.networks).toMatchObject([
      { name: 'lan', switchName: 'dvs', vlan: '120', isPromiscuous: true, hasVmkernelPort: true },
    ])
    expect(estate.machines).toMatchObject([
      {
        biosUuid: '4200aa',
        instanceUuid: '50aa',
        firmware: 'efi',
        hardwareVersion: 19,
        hostId: 'v1/h',
        cpu: { coresPerSocket: 2, reservationMhz: 100, isHotAddEnabled: true, usageMhz: 50 },
        memory: { activeBytes: 100 * 2 ** 20, limitBytes: 2 ** 32 },
        guest: { ipAddresses: ['10.0.0.1', '10.0.0.2'], toolsStatus: 'toolsOk', toolsVersion: '12345' },
        disks: [{ id: '2000', capacityBytes: 2 ** 30, datastore: 'ds1', rdm: 'Physical', sharing: 'physicalSharing' }],
        partitions: [{ mountPoint: 'C:\\', freeBytes: 60 * 2 ** 20 }],
        nics: [{ mac: '00:50:56:aa:00:01', network: 'lan' }],
        snapshots: [{ sizeBytes: 2 ** 21 }],
        rules: [{ name: 'apart', type: 'anti' }],
        hasSecretInNotes: true,
        hasForeignBackup: true,
      },
    ])
    expect(estate.machines[0]?.cpu).not.toHaveProperty('limitMhz')
    expect(estate.machines[0]?.devices.map(({ type }) => type).toSorted()).toEqual(['CdRom', 'Sriov', 'Usb'])
    expect(estate.findings).toEqual([])
  })
})

describe('rows find their machine', () => {
  const disk = (more: Row): SheetInput => sheet('vDisk', { Disk: 'Hard disk 1', 'Capacity MiB': 1, ...more })
  const twins = [
    { VM: 'a', Cluster: 'c1', 'VM ID': 'vm-1', 'VM UUID': '50AA', 'VI SDK UUID': 'V1', CPUs: 1 },
    { VM: 'a', Cluster: 'c2', 'VM ID': 'vm-1', 'VM UUID': '50BB', 'VI SDK UUID': 'V2', CPUs: 2 },
    { VM: 'b', Cluster: 'c1', 'VM ID': 'vm-2', 'VM UUID': '50CC', 'VI SDK UUID': 'V1', CPUs: 3 },
  ]
  it.each<[string, Row, string | undefined]>([
    ['by id and vCenter', { VM: 'a', 'VM ID': 'vm-1', 'VI SDK UUID': 'V2' }, 'v2/vm-1'],
    ['by UUID', { VM: 'a', 'VM UUID': '50bb' }, 'v2/vm-1'],
    ['by id, where it is the only one', { VM: 'b', 'VM ID': 'vm-2' }, 'v1/vm-2'],
    ['by name and cluster', { VM: 'a', Cluster: 'c2' }, 'v2/vm-1'],
    ['by name, where it is the only one', { VM: 'b' }, 'v1/vm-2'],
    ['not by a name that two have', { VM: 'a' }, undefined],
    ['not by the id of another name', { VM: 'z', 'VM ID': 'vm-2' }, undefined],
    ['not at all, without one', { VM: undefined }, undefined],
  ])('%s', async (_, row, id) => {
    const estate = await open(sheet('vInfo', ...twins), disk(row))
    expect(estate.machines.filter(({ disks }) => disks.length > 0).map((each) => each.id)).toEqual(id === undefined ? [] : [id])
    expect(findingsOf(estate, 'sheet/vDisk')).toEqual(id === undefined ? ['Missing VM'] : [])
  })

  it('in other files, but only of machines that have no sheet of their own there', async () => {
    const workbook = (name: string, ...sheets: readonly SheetInput[]): { name: string; bytes: Uint8Array } => ({
      name,
      bytes: writeWorkbook(sheets),
    })
    const estate = await openEstateFiles([
      workbook('1.xlsx', sheet('vInfo', { ...vm, VM: 'a' })),
      workbook('2.xlsx', disk({ VM: 'a', ...ids })),
      workbook('3.xlsx', sheet('vInfo', { ...vm, VM: 'b', 'VM ID': 'vm-9' }), disk({ VM: 'a', ...ids })),
    ])
    expect(estate.machines.map(({ name, disks }) => [name, disks.length])).toEqual([
      ['a', 1],
      ['b', 0],
    ])
  })
})

describe('findings', () => {
  const machine = 'machine/v1/vm-1'
  it.each<[string, Row, readonly SheetInput[], string, string]>([
    ['vCPU disagrees', {}, [sheet('vCPU', { VM: 'a', ...ids, CPUs: 4 })], machine, 'Contradictory CPUs'],
    ['vMemory disagrees', {}, [sheet('vMemory', { VM: 'a', ...ids, 'Size MiB': 1 })], machine, 'Contradictory Memory'],
    [
      'vDisk disagrees',
      { 'Total disk capacity MiB': 9 },
      [sheet('vDisk', { VM: 'a', ...ids, 'Capacity MiB': 4 })],
      machine,
      'Contradictory Total disk capacity MiB',
    ],
    [
      'a disk of nothing',
      {},
      [sheet('vDisk', { VM: 'a', ...ids, Disk: 'd', 'Capacity MiB': 0 })],
      machine,
      'Invalid Capacity MiB',
    ],
    ['memory in gibibytes', { CPUs: 8, Memory: 64 }, [], machine, 'Invalid Memory'],
    ['no processors', { CPUs: 0 }, [], machine, 'Invalid CPUs'],
    ['a host that is not listed', {}, [sheet('vHost', { Host: 'x', Cluster: 'c', Speed: 1 })], 'host/v1/h', 'Missing Host'],
    [
      'a host that runs nothing',
      {},
      [sheet('vHost', { Host: 'x', Speed: 1, '# Cores': 1, 'VI SDK UUID': 'V1' })],
      'host/v1/x',
      'Contradictory',
    ],
    [
      'a datastore that is not listed',
      {},
      [sheet('vDatastore', { Name: 'd', Type: 'NFS', 'Free MiB': 1 }), sheet('vDisk', { VM: 'a', ...ids, Path: '[e] a' })],
      'datastore/e',
      'Missing Path',
    ],
    ['no size of memory', { Memory: undefined }, [], machine, 'Missing Memory'],
    ['no cluster and no host', { Cluster: undefined, Host: undefined }, [], machine, 'Missing Cluster'],
    ['a sheet without headers', {}, [{ name: 'vDisk', rows: [['a', 1]] }], 'sheet/vDisk', 'Missing'],
    ['a sheet that is not there', {}, [], 'sheet/vHost', 'Missing'],
    ['a machine without a name', { VM: undefined }, [], 'machine/vm-1', 'Missing VM'],
  ])('%s', async (...[, more, sheets, object, finding]) => {
    expect(findingsOf(await open(sheet('vInfo', { ...vm, ...more }), ...sheets), object)).toContain(finding)
  })

  it('columns by which machines are known', async () => {
    const estate = await open(sheet('vInfo', { VM: 'a', CPUs: 1, Memory: 1024 }))
    expect(findingsOf(estate, 'sheet/vInfo')).toEqual(['Missing VM ID', 'Missing VI SDK UUID', 'Missing Cluster'])
  })

  it('a machine that stands twice, in one export and in two', async () => {
    const once = await open(sheet('vInfo', vm, { ...vm, CPUs: 9 }))
    expect(once.machines).toMatchObject([{ cpu: { count: 2 } }])
    expect(findingsOf(once, machine)).toContain('Contradictory VM ID')
    const of = (time: string, cpus: number): { name: string; bytes: Uint8Array } => ({
      name: `${time}.xlsx`,
      bytes: writeWorkbook([
        sheet('vInfo', { ...vm, CPUs: cpus }),
        sheet('vMetaData', { 'RVTools version': '4', 'xlsx creation datetime': time, Server: 's' }),
      ]),
    })
    for (const files of [
      [of('2026-01-01', 4), of('2026-02-01', 8)],
      [of('2026-02-01', 8), of('2026-01-01', 4)],
    ]) {
      const twice = await openEstateFiles(files)
      expect(twice.machines).toMatchObject([{ cpu: { count: 8 }, sourceId: '2026-02-01.xlsx' }])
      expect(findingsOf(twice, machine)).toContain('Stale VM ID')
    }
  })

  it('machines of one name that nothing tells apart stay two', async () => {
    const estate = await open(sheet('vInfo', { VM: 'a', Cluster: 'c', CPUs: 1 }, { VM: 'a', Cluster: 'c', CPUs: 2 }))
    expect(estate.machines.map(({ cpu }) => cpu.count)).toEqual([1, 2])
    expect(findingsOf(estate, 'machine/export.xlsx/c/a')).toContain('Contradictory VM')
  })

  it('clones that share UUID and MAC address', async () => {
    const clone = { ...vm, VM: 'b', 'VM ID': 'vm-2', 'SMBIOS UUID': '42' }
    const mac = (id: string): Row => ({ VM: 'x', 'VM ID': id, 'VI SDK UUID': 'V1', 'Mac Address': '00:50:56:00:00:01' })
    const estate = await open(sheet('vInfo', { ...vm, 'SMBIOS UUID': '42' }, clone), sheet('vNetwork', mac('vm-1'), mac('vm-2')))
    expect(findingsOf(estate, machine)).toEqual(
      expect.arrayContaining(['Contradictory SMBIOS UUID', 'Contradictory Mac Address']),
    )
  })

  it('many of one kind are counted, not listed', async () => {
    const rows = Array.from({ length: 200 }, (_, index) => ({ ...vm, 'VM ID': `vm-${index}`, CPUs: 0 }))
    const estate = await open(sheet('vInfo', ...rows))
    const alike = estate.findings.filter(({ field }) => field === 'CPUs')
    expect(alike).toHaveLength(51)
    expect(alike.at(-1)).toMatchObject({ object: 'machine/*', message: expect.stringMatching(/^150 more/u) as unknown })
  })
})

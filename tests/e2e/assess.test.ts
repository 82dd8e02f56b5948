import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AssessmentReport } from '@weir/assessment'
import { type Estate, type EstateMachine, openEstateFile } from '@weir/estate'
import { sharedData, writeWorkbook } from '@weir/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aMachine, concernCases, everyConcern } from '../../packages/estate/src/concerns/every-concern.fixture.ts'
import { everyFinding } from '../../packages/estate/src/findings/every-finding.fixture.ts'

/** `weir assess` as a user has it: an export of RVTools in, every kind of report out. No data center runs. */
const main = fileURLToPath(new URL('../../apps/weir/src/main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'weir-assess-'))
const workbook = join(folder, 'estate.xlsx')

interface Result {
  readonly code: number
  readonly out: Buffer
  readonly err: string
}

const assess = (...words: readonly string[]): Promise<Result> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, 'assess', '--iterations', '200', ...words],
      { encoding: 'buffer', maxBuffer: 1 << 28, env: { ...process.env, WEIR_HOME: join(folder, 'nothing') } },
      (error, out, err) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, out, err: err.toString() }),
    )
  })

/** Sixteen machines of 8 vCPUs and 32 GiB on four hosts; the name of one is markup. */
const rows = Array.from({ length: 16 }, (_, index) => [
  index === 3 ? '<script>alert(1)</script>' : `app-${index}`,
  'poweredOn',
  false,
  8,
  32_768,
  'DC',
  'C1',
  `esx-${index % 4}`,
  index === 5 ? 'Microsoft Windows Server 2012 (64-bit)' : 'Red Hat Enterprise Linux 9 (64-bit)',
  `vm-${index}`,
  'vc-1',
])

beforeAll(() => {
  writeFileSync(
    workbook,
    writeWorkbook([
      {
        name: 'vInfo',
        rows: [
          [
            'VM',
            'Powerstate',
            'Template',
            'CPUs',
            'Memory',
            'Datacenter',
            'Cluster',
            'Host',
            'OS according to the VMware Tools',
            'VM ID',
            'VI SDK UUID',
          ],
          ...rows,
        ],
      },
      {
        name: 'vHost',
        rows: [
          ['Host', 'Datacenter', 'Cluster', 'CPU Model', 'Speed', '# CPU', '# Cores', '# Memory', 'VI SDK UUID'],
          ...[0, 1, 2, 3].map((host) => [`esx-${host}`, 'DC', 'C1', 'Xeon', 2500, 2, 32, 262_144, 'vc-1']),
        ],
      },
    ]),
  )
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A machine with a month of usage by the hour, at `mhz` and a quarter of its memory. */
const measured = (name: string, mhz: number): EstateMachine =>
  aMachine({
    id: name,
    name,
    hostId: 'h',
    cpu: { count: 8 },
    memory: { sizeBytes: 2 ** 35 },
    usage: {
      startTime: '2026-01-01T00:00:00Z',
      stepSeconds: 3600,
      cpuMhz: Array.from({ length: 744 }, () => mhz),
      memoryNeededBytes: Array.from({ length: 744 }, () => 2 ** 33),
    },
  })

const { clusterId: _, ...outside } = aMachine({ id: 'outside', name: 'outside' })

/** An estate that leaves no section of the page empty, nor any kind of concern or finding out. */
const everything: Estate = {
  ...everyConcern,
  hosts: [{ id: 'h', sourceId: 's', name: 'esx-1', clusterId: 'c', cores: 64, cpuMhz: 2400, memoryBytes: 2 ** 39 }],
  machines: [
    ...everyConcern.machines,
    ...Array.from({ length: 60 }, (_, index) => measured(`sized-${index}`, 4000)),
    measured('sized', 4000),
    measured('idle', 20),
    aMachine({ id: 'off', name: 'off', power: 'Off' }),
    outside,
  ],
  findings: everyFinding,
}

/** What a reader sees of a page: its text and the names of its pictures, entities read. */
const shownText = (page: string): string =>
  page
    .replaceAll(/<style>.*?<\/style>/gsu, ' ')
    .replaceAll(/ aria-label="([^"]*)"[^>]*>/gu, '> $1 ')
    .replaceAll(/<\/?span[^>]*>/gu, '')
    .replaceAll(/<[^>]*>/gu, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

/** Every text in a document, however deep. */
const textsOf = (value: unknown): readonly string[] =>
  typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []

const latinWords = (text: string): readonly string[] => text.match(/[A-Za-z][\w.-]*/gu) ?? []

/** What Chinese administrators say in Latin letters: units, products, protocols and names of settings. */
const terms: ReadonlySet<string> = new Set(
  `CBT CPU Cluster Cryptographer.Access DNS DNS-1123 DPM DRS FT HA HTTPS ID IP KubeVirt LUN MAC MHz NSX NVMe Pod RDM RHEL SATA SDK
    SHA-2 SMBIOS SR-IOV SRM TPM TiB Tools Trunk USB UUID VDDK VI VLAN VM VMware dedicatedCpuPlacement e1000e maxGuest maxSockets
    metrics-server metrics.k8s.io request udev vCPU vCenter vCluster vDatastore vDisk vHost vInfo vMemory vNetwork vPartition vSAN vSnapshot
    vTools vVol virtio virtio-scsi vmkernel xlsx user.pci`.split(/\s+/u),
)

describe('weir assess', () => {
  it('says how ready machines are and how many hosts they need', async () => {
    const { code, out, err } = await assess('--failover', '0', workbook)
    expect([code, err]).toEqual([0, ''])
    const text = out.toString()
    expect(text).toMatch(/Machines {2}16 \(16 on, 0 templates\), 128 vCPUs, 0\.5 TiB/u)
    expect(text).toMatch(/today +4 +128\n/u)
    expect(text).toMatch(/a core for each vCPU +4 +4 +0\.0 % +128 +High/u)
    expect(text).toMatch(/right-sized +- +not shown: No machine has usage over time/u)
    expect(text).toMatch(/Less than half the hardware goes: \d+ hosts today, \d+ needed; /u)
  })

  it('gives one document as JSON, the same for the same files and seed', async () => {
    const [first, second] = await Promise.all([
      assess('-o', 'json', '--failover', '0', workbook),
      assess('-o', 'json', '--failover', '0', workbook),
    ])
    const report = JSON.parse(first.out.toString()) as AssessmentReport
    expect(report).toMatchObject({
      kind: 'AssessmentReport',
      inventory: { machines: 16, hosts: 4 },
      waterfall: { today: { hostCount: 4 } },
    })
    expect(report.concerns.map(({ id }) => id)).toEqual(expect.arrayContaining(['guest.os_eol', 'vm.name.invalid']))
    expect((JSON.parse(second.out.toString()) as AssessmentReport).waterfall).toEqual(report.waterfall)
  })

  it.each([
    ['en', 'From today to the proposal', 'Its operating system is past its end of life'],
    ['zh-CN', '从现状到方案', '操作系统已停止支持'],
  ])('gives a page in %s that runs nothing and asks for nothing', async (language, heading, concern) => {
    const { code, out } = await assess('-o', 'html', '--lang', language, '--failover', '0', workbook)
    const page = out.toString()
    expect(code).toBe(0)
    expect(page).toContain(`<html lang="${language}">`)
    expect(page).toContain(heading)
    expect(page).toContain(concern)
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(page).not.toMatch(/<script|https?:|url\(|<link|<img/u)
    expect(page).toContain("default-src 'none'")
  })

  it('says everything in Chinese of an estate with a concern and a finding of every kind', async () => {
    const file = join(folder, 'everything.json')
    const rules = join(folder, 'own-rules.yaml')
    writeFileSync(file, JSON.stringify(everything))
    writeFileSync(rules, '- id: pci\n  severity: Warning\n  when: machine.name == "sized"\n  message: In scope of PCI.\n')
    const words = ['--failover', '0', '--target-host', 'big-1=32,2.4,256', '--rules', rules, file]
    const [page, document] = await Promise.all([
      assess('-o', 'html', '--lang', 'zh-CN', ...words),
      assess('-o', 'json', ...words),
    ])
    const report = JSON.parse(document.out.toString()) as AssessmentReport
    expect(new Set(report.concerns.map(({ id }) => id))).toEqual(new Set([...Object.keys(concernCases), 'user.pci']))
    expect(report.clusterConcerns.map(({ id }) => id)).toEqual(['drs.enabled', 'dpm.enabled'])
    expect(report.findings.length).toBe(everyFinding.length)
    const text = shownText(page.out.toString())
    expect(text).toContain('user.pci：In scope of PCI.')
    expect(text).toContain('集群之外：每个核心 1.0 个 vCPU。')
    expect(text).not.toMatch(/[{}]/u)
    const names = [report.metadata.name, everything.clusters, everything.findings.map(({ object, values }) => [object, values])]
    const machines = report.machines.map(({ name, concerns, retirement }) => [
      name,
      retirement,
      concerns.map(({ values }) => values),
    ])
    const known = new Set([...terms, ...textsOf([names, machines]).flatMap(latinWords)])
    const spoken = latinWords(text.replaceAll(/user\.pci：In scope of PCI\.|“Export all to Excel”/gu, ''))
    expect([...new Set(spoken)].filter((word) => !known.has(word))).toEqual([])
  })

  it('gives a workbook that its own reader refuses as no export, not as broken', async () => {
    const { code, out } = await assess('-o', 'xlsx', '--failover', '0', workbook)
    expect([code, out.subarray(0, 2).toString()]).toEqual([0, 'PK'])
    await expect(openEstateFile({ name: 'report.xlsx', bytes: out })).rejects.toMatchObject({
      code: expect.stringMatching(/^ESTATE_/u),
    })
  })

  it("holds the user's rules against every machine", async () => {
    const rules = join(folder, 'rules.yaml')
    writeFileSync(
      rules,
      '- id: pci\n  severity: Critical\n  when: machine.name.startsWith("app-1")\n  message: In scope of PCI.\n',
    )
    const report = JSON.parse(
      (await assess('-o', 'json', '--failover', '0', '--rules', rules, workbook)).out.toString(),
    ) as AssessmentReport
    expect(report.concerns.find(({ id }) => id === 'user.pci')?.count).toBe(7)
    expect(report.readiness.Blocked).toBe(7)
  })

  it.each([
    ['a file that is not there', [join(folder, 'none.xlsx')], 1, /none\.xlsx/u],
    ['a file that is nothing of this', [main], 1, /main\.ts/u],
    ['a host without cores', ['--target-host', 'big=,2.4,1024', workbook], 2, /NAME=CORES,GHZ,GIB/u],
    [
      'a price of one host alone',
      ['--target-host', 'a=1,1,1', '--target-host', 'b=2,2,2,9', workbook],
      2,
      /all of them one, or none/u,
    ],
    ['a host named twice', ['--target-host', 'a=1,1,1', '--target-host', 'a=2,2,2', workbook], 2, /named twice/u],
    ['a language that there is not', ['--lang', 'fr', workbook], 2, /Allowed choices/u],
    ['rules that are none', ['--rules', workbook, workbook], 1, /cannot be read|`rules` must be/u],
  ])('refuses %s in a line', async (_, words, code, message) => {
    const result = await assess(...words)
    expect([result.code, result.out.length]).toEqual([code, 0])
    expect(result.err).toMatch(message)
    expect(result.err.trim().split('\n').length).toBeLessThanOrEqual(2)
  })

  it('reads a real estate of 805 machines, where it is at hand', async ({ skip }) => {
    const files = ['vinfo', 'vhost', 'vpartition'].map((sheet) => sharedData(`rvtools/sizing-workshop-anonymised-${sheet}.csv`))
    if (files.includes(undefined)) return skip()
    const { out } = await assess('-o', 'json', '--failover', '0', ...files.map(String))
    const report = JSON.parse(out.toString()) as AssessmentReport
    expect(report.inventory).toMatchObject({ machines: 805, cpuCount: 2741 })
    expect(report.waterfall.claim.isHalf).toBe(false)
    for (const step of report.waterfall.steps)
      if (step.kind === 'Taken') expect(step.hostCount).toBeGreaterThanOrEqual(step.bound)
  })
})

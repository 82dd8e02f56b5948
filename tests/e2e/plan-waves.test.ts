import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseWaveProblem, type WavePlan, type WaveProblem } from '@weir/planner'
import { checkWaves } from '@weir/planner/checker'
import { sharedData, writeWorkbook } from '@weir/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { type CommandResult, runWeir } from './command/run-weir.ts'

/** `weir plan waves` as a user has it: a document or an estate in; waves, Gantt data or a page out. */
const folder = mkdtempSync(join(tmpdir(), 'weir-waves-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const waves = (words: readonly string[], input = ''): Promise<CommandResult> => runWeir(['plan', 'waves', ...words], { input })

const week = 604_800
const problem: WaveProblem = {
  apiVersion: 'weir.dev/v1alpha1',
  kind: 'WaveProblem',
  workloads: [
    { name: 'db', app: 'shop-db', diskMebibytes: 512_000, requests: { memory: 32_768 }, sourceHost: 'esx-1' },
    { name: 'web', app: '<b>shop</b>', diskMebibytes: 102_400, requests: { memory: 8192 }, sourceHost: 'esx-1' },
    { name: 'mail', app: 'mail', diskMebibytes: 204_800, requests: { memory: 16_384 }, sourceHost: 'esx-2' },
    { name: 'ldap', app: 'ldap', diskMebibytes: 20_480, requests: { memory: 4096 }, sourceHost: 'esx-2' },
  ],
  dependencies: [
    { from: '<b>shop</b>', to: 'shop-db', type: 'Before', weight: 10 },
    { from: 'shop-db', to: '<b>shop</b>', type: 'Before' },
    { from: 'mail', to: 'ldap', type: 'Before', weight: 3 },
  ],
  windows: Array.from({ length: 5 }, (_, at) => ({ startSeconds: at * week, endSeconds: at * week + 28_800 })),
  freezes: [{ startSeconds: week - 3600, endSeconds: week + 86_400 }],
  limits: { transferMebibytesPerSecond: 100, cutOvers: 2 },
  target: {
    hosts: ['t1', 't2'].map((name) => ({ name, usable: { memory: 131_072 } })),
    reusedHosts: [{ name: 'esx-1', usable: { memory: 65_536 } }],
    failoverHosts: 1,
  },
  policy: { pilotWaves: 1, pilotWorkloads: 2, iterations: 500 },
}
const file = join(folder, 'waves.json')
writeFileSync(file, JSON.stringify(problem))

describe('weir plan waves', () => {
  it('shows when each wave is, what goes, and what goes as one', async () => {
    const { code, out } = await waves(['--problem', file])
    expect(code).toBe(0)
    expect(out).toMatch(/^WAVE +TYPE +FROM +TO +MACHINES +GIB +COPY +FREES +APPS\nwave-1 +Pilot +day 1 00:00 +day 1 08:00 +2 /u)
    expect(out).toMatch(/\nwave-2 +Normal +day 15 00:00 /u)
    expect(out).toMatch(/\nWaves {5}2 \(no plan has fewer than 2\), 4 machines, 820\.0 GiB\n/u)
    expect(out).toMatch(/each needs the other first, so they go in one wave\n/u)
  })

  it('writes a document with Gantt data that the checker has nothing against', async () => {
    const plan = JSON.parse((await waves(['--problem', '-', '-o', 'json'], JSON.stringify(problem))).out) as WavePlan
    expect(checkWaves(problem, plan)).toEqual([])
    expect(plan).toMatchObject({ kind: 'WavePlan', unplanned: [] })
    expect(plan.gantt.map(({ type }) => type).toSorted()).toEqual(['Copy', 'Copy', 'CutOver', 'CutOver', 'Freeze'])
  })

  it('shows dates if it knows when the programme starts', async () => {
    const { out } = await waves(['--problem', file, '--start', '2026-12-04T22:00:00+02:00'])
    expect(out).toMatch(/wave-1 +Pilot +2026-12-04 20:00Z +2026-12-05 04:00Z /u)
  })

  it.each([
    ['en', 'Migration waves', 'Pilot', 'freeze'],
    ['zh-CN', '迁移批次', '试点', '冻结期'],
  ])('gives a page in %s that runs nothing and asks for nothing', async (language, title, pilot, freeze) => {
    const { code, out } = await waves(['--problem', file, '-o', 'html', '--lang', language])
    expect(code).toBe(0)
    expect(out).toContain(`<html lang="${language}">`)
    for (const text of [title, pilot.toLowerCase(), freeze]) expect(out).toContain(text)
    expect(out).toContain('&lt;b&gt;shop&lt;/b&gt;')
    expect(out).not.toMatch(/<b>|<script|https?:|url\(|<link|<img/u)
    expect(out).toContain("default-src 'none'")
    expect(out.match(/<rect /gu)?.length).toBe(4 + 1 + 3)
  })

  it('ends with 1 and the limit in the way if something has no wave', async () => {
    const tight = { ...problem, limits: { ...problem.limits, transferMebibytesPerSecond: 10 } }
    const { code, out } = await waves(['--problem', '-'], JSON.stringify(tight))
    expect(code).toBe(1)
    expect(out).toMatch(
      /No wave for 2:\n[^]*has 614400 MiB to copy; the largest window takes 288000: copy ahead or split the group\./u,
    )
  })

  it('makes a problem of an estate, to go on with or to plan at once', async () => {
    const workbook = join(folder, 'estate.xlsx')
    const columns = ['VM', 'Powerstate', 'Template', 'CPUs', 'Memory', 'Host', 'In Use MiB', 'VM ID', 'VI SDK UUID']
    const rows = Array.from({ length: 12 }, (_, at) => [
      `vm-${at}`,
      'poweredOn',
      false,
      4,
      16_384,
      `esx-${at % 3}`,
      102_400,
      `vm-${at}`,
      'vc-1',
    ])
    writeFileSync(workbook, writeWorkbook([{ name: 'vInfo', rows: [columns, ...rows] }]))
    const flags = ['--estate', workbook, '--target-host', 'big=32,2.4,256', '--cut-overs', '5', '--windows', '6', '--pilots', '0']
    const draft = parseWaveProblem(JSON.parse((await waves([...flags, '--draft'])).out))
    expect(draft.workloads).toHaveLength(12)
    expect(draft.target.hosts.map(({ name }) => name)).toEqual(['big-1', 'big-2'])
    const plan = JSON.parse((await waves([...flags, '-o', 'json'])).out) as WavePlan
    expect(checkWaves(draft, plan)).toEqual([])
    expect(plan.waves).toHaveLength(3)
    expect(plan.waves.flatMap(({ freedHosts }) => freedHosts).toSorted()).toEqual(['esx-0', 'esx-1', 'esx-2'])
  })

  it('plans a real estate of 795 machines, where it is at hand', async ({ skip }) => {
    const files = ['vinfo', 'vhost'].map((sheet) => sharedData(`rvtools/sizing-workshop-anonymised-${sheet}.csv`))
    if (files.includes(undefined)) return skip()
    const flags = ['--estate', ...files.map(String), '--target-host', 'big=64,2.4,1024', '--cut-overs', '60', '--reuse-hosts']
    const draft = parseWaveProblem(JSON.parse((await waves([...flags, '--draft'])).out))
    const plan = JSON.parse((await waves([...flags, '-o', 'json'])).out) as WavePlan
    expect([draft.workloads.length, plan.unplanned, checkWaves(draft, plan)]).toEqual([795, [], []])
  })

  it.each([
    ['nothing', [], '', 2, /--problem FILE with a WaveProblem, or --estate/u],
    ['both', ['--problem', file, '--estate', file], '', 2, /--problem FILE with a WaveProblem, or --estate/u],
    ['an estate without a target', ['--estate', file], '', 2, /--target-host NAME=CORES,GHZ,GIB/u],
    [
      'windows that overlap',
      ['--estate', file, '--target-host', 'a=1,1,1', '--every-hours', '4'],
      '',
      2,
      /--window-hours must not be/u,
    ],
    ['a start without a zone', ['--problem', file, '--start', '2026-12-04'], '', 2, /with its zone/u],
    [
      'a placement problem',
      ['--problem', '-'],
      { ...problem, kind: 'PlacementProblem' },
      1,
      /`kind` must be one of: 'WaveProblem'/u,
    ],
    ['an unknown app', ['--problem', '-'], { ...problem, dependencies: [{ from: 'x', to: 'mail', type: 'Near' }] }, 1, /no 'x'/u],
    [
      'windows that are all frozen',
      ['--problem', '-'],
      { ...problem, freezes: [{ startSeconds: 0, endSeconds: 9 * week }] },
      1,
      /add a window/u,
    ],
  ] as const)('refuses %s in a line', async (...[, words, input, code, message]) => {
    const result = await waves(words, typeof input === 'string' ? input : JSON.stringify(input))
    expect([result.code, result.out]).toEqual([code, ''])
    expect(result.err).toMatch(message)
    expect(result.err.trim().split('\n').length).toBeLessThanOrEqual(2)
  })
})

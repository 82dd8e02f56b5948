import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PlacementPlan, PlacementProblem } from '@weir/planner'
import { afterAll, describe, expect, it } from 'vitest'
import { type CommandResult, runWeir } from './command/run-weir.ts'

/** `weir plan` as a user has it: a problem in, a plan with its bound out. */
const folder = mkdtempSync(join(tmpdir(), 'weir-plan-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const problem: PlacementProblem = {
  apiVersion: 'weir.dev/v1alpha1',
  kind: 'PlacementProblem',
  resources: [
    { name: 'cpu', unit: 'millicores' },
    { name: 'memory', unit: 'MiB' },
  ],
  hostTypes: [{ name: 'small', capacity: { cpu: 16_000, memory: 65_536 }, reserve: { cpu: 1000, memory: 2048 } }],
  workloads: [
    ...Array.from({ length: 6 }, (_, index) => ({ name: `web-${index}`, app: 'web', requests: { cpu: 2000, memory: 4096 } })),
    { name: 'db', requests: { cpu: 8000, memory: 49_152 } },
  ],
  rules: [{ type: 'AntiAffinity', name: 'web apart', workloads: { apps: ['web'] }, topologyKey: 'host' }],
  policy: { seed: 7, budget: { iterations: 500 } },
}

const weirPlan = (words: readonly string[], input = ''): Promise<CommandResult> => runWeir(['plan', ...words], { input })

const fileOf = (name: string, text: string): string => {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

describe('weir plan', () => {
  const file = fileOf('problem.json', JSON.stringify(problem))

  it('names the smallest set that is in conflict', async () => {
    const rules = [
      ...(problem.rules ?? []),
      { type: 'Affinity', name: 'pair', workloads: { names: ['web-1', 'web-2'] }, topologyKey: 'host' },
    ]
    const file = fileOf('conflict.json', JSON.stringify({ ...problem, rules }))
    const { code, out } = await weirPlan(['--problem', file])
    expect(code).toBe(1)
    expect(out).toContain(
      'No plan can place everything:\n  web-1 and web-2 cannot all be placed on the hosts under the rules web apart and pair.',
    )
    const json = await weirPlan(['--problem', file, '-o', 'json'])
    expect(JSON.parse(json.out)).toMatchObject({
      infeasibility: {
        status: 'Proven',
        conflicts: [{ rules: ['web apart', 'pair'], workloads: ['web-1', 'web-2'], isMinimal: true }],
      },
    })
  })

  it('shows hosts, cost and bound', async () => {
    const { code, out } = await weirPlan(['--problem', file])
    expect(code).toBe(0)
    expect(out).toMatch(/^HOST +TYPE +WORKLOADS +CPU \(millicores\) +MEMORY \(MiB\)\n/u)
    expect(out).toMatch(/Plan {6}6 hosts\n/u)
    expect(out).toMatch(/Bound {5}6, by what must be apart \(Group\): no plan is better\n/u)
  })

  it('says which failures are survived, and ends with 1 if not all of those asked for are', async () => {
    const failing = { ...problem, policy: { ...problem.policy, failover: { hosts: 1 } } }
    const survived = await weirPlan(['--problem', '-'], JSON.stringify(failing))
    expect(survived.code).toBe(0)
    expect(survived.out).toMatch(/Failover {2}certified: 7 failures looked at \(of any host\)/u)
    const six = { ...failing, hostTypes: failing.hostTypes.map((type) => ({ ...type, count: 6 })) }
    const lost = await weirPlan(['--problem', '-'], JSON.stringify(six))
    expect(lost.code).toBe(1)
    expect(lost.out).toMatch(/Failover {2}NOT certified: 6 failures .* after 6 of them something has no place\n/u)
    expect(lost.out).toMatch(/\n {10}without small-1: no place for [^\n]*web-/u)
  })

  it('makes up no host beside those that are listed', async () => {
    const listed = { ...problem, hosts: ['a', 'b', 'c'].map((name) => ({ name, type: 'small' })) }
    const { code, out } = await weirPlan(['--problem', '-'], JSON.stringify(listed))
    expect(code).toBe(1)
    expect(out).toMatch(/Plan {6}3 hosts\n/u)
    expect(out).toMatch(/No place for 3:\n/u)
    const more = { ...listed, hostTypes: listed.hostTypes.map((type) => ({ ...type, count: 9 })) }
    expect((await weirPlan(['--problem', '-'], JSON.stringify(more))).out).toMatch(/Plan {6}6 hosts \(3 of them new\)\n/u)
  })

  it('writes the plan as a document, the same for the same seed, from a file or from standard input', async () => {
    const [first, second] = [
      await weirPlan(['--problem', file, '-o', 'json']),
      await weirPlan(['--problem', '-', '-o', 'json'], JSON.stringify(problem)),
    ]
    const plan = JSON.parse(first.out) as PlacementPlan
    expect(plan).toMatchObject({ kind: 'PlacementPlan', unplaced: [], run: { seed: 7, isCutShort: false } })
    const webHosts = problem.workloads.filter(({ app }) => app === 'web').map(({ name }) => plan.assignments[name])
    expect(new Set(webHosts).size).toBe(6)
    expect((JSON.parse(second.out) as PlacementPlan).run.hash).toBe(plan.run.hash)
  })

  it('reads YAML', async () => {
    const yaml = `apiVersion: weir.dev/v1alpha1
kind: PlacementProblem
resources: [{name: memory, unit: MiB}]
hostTypes: [{name: a, capacity: {memory: 100}}]
workloads: [{name: x, requests: {memory: 60}}, {name: y, requests: {memory: 60}}]
`
    expect((await weirPlan(['--problem', fileOf('problem.yaml', yaml)])).out).toMatch(/Plan {6}2 hosts\n/u)
  })

  it('says why a workload is not elsewhere', async () => {
    const { out } = await weirPlan(['--problem', file, '--explain', 'web-0'])
    expect(out).toMatch(/^web-0 is on small-\d+\.\n/u)
    expect(out).toMatch(/web apart/u)
  })

  it('ends with 1 and reasons if something has no place', async () => {
    const tight = { ...problem, workloads: [...problem.workloads, { name: 'giant', requests: { cpu: 1, memory: 1 << 20 } }] }
    const { code, out } = await weirPlan(['--problem', fileOf('tight.json', JSON.stringify(tight))])
    expect(code).toBe(1)
    expect(out).toMatch(/No place for 1:\n {2}giant\n {4}small: memory: /u)
  })

  it.each([
    ['a file that is not there', ['--problem', join(folder, 'none')], '', 1, /none' cannot be read/u],
    ['a problem without hosts', ['--problem', '-'], JSON.stringify({ ...problem, hostTypes: [] }), 1, /hostTypes/u],
    ['text that is neither JSON nor YAML', ['--problem', '-'], '{"a": ', 1, /'-' cannot be read/u],
    ['a workload that there is not', ['--problem', file, '--explain', 'nobody'], '', 2, /no workload/u],
    ['no problem', [], '', 2, /--problem/u],
  ] as const)('refuses %s', async (...[, words, input, code, message]) => {
    const result = await weirPlan(words, input)
    expect([result.code, result.out]).toEqual([code, ''])
    expect(result.err).toMatch(message)
  })
})

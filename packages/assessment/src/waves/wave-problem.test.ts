import { parseWaveProblem, planWaves } from '@weir/planner'
import { checkWaves } from '@weir/planner/checker'
import { describe, expect, it } from 'vitest'
import { aHost, aMachine, anEstate } from '../testing/builders.ts'
import { type WaveAssumptions, waveProblem } from './wave-problem.ts'

const gibibyte = 2 ** 30
const assumed: WaveAssumptions = {
  appFrom: 'vApp',
  windows: { count: 4, everySeconds: 86_400, lengthSeconds: 3600 },
  transferMebibytesPerSecond: 100,
  cutOvers: 2,
  target: { host: { name: 'big', cores: 64, mhzPerCore: 2400, memoryMebibytes: 524_288 }, failoverHosts: 1, reuseHosts: true },
  cpuRatio: 4,
  reserveShare: 0.05,
  pilotWaves: 0,
}
const machines = [
  aMachine({ id: 'a', name: 'db', vApp: 'shop', usedBytes: 100 * gibibyte, provisionedBytes: 500 * gibibyte }),
  aMachine({ id: 'b', name: 'web', vApp: 'shop', disks: [{ id: '1', capacityBytes: 40 * gibibyte }] }),
  aMachine({ id: 'c', name: 'twin', rules: [{ name: 'Keep together', type: 'affinity' }], diskCapacityBytes: gibibyte }),
  aMachine({ id: 'd', name: 'twin', power: 'Off', rules: [{ name: 'Keep together', type: 'affinity' }] }),
  aMachine({ id: 'e', name: 'golden', type: 'Template' }),
]
const estate = anEstate(machines, [aHost({ name: 'host-1' }), aHost({ name: 'big-1' })])

describe('the wave problem of an estate', () => {
  it('has every machine that moves, with what a copy reads and what it needs', () => {
    const { workloads } = waveProblem(estate, assumed)
    expect(workloads.map(({ name, app, diskMebibytes }) => [name, app, diskMebibytes])).toEqual([
      ['db', 'shop', 102_400],
      ['web', 'shop', 40_960],
      ['c', 'c', 1024],
      ['d', 'd', 0],
    ])
    expect(workloads[0]).toMatchObject({ sourceHost: 'host-1', requests: { cpu: 1000, memory: 16_384 + 220 + 32 + 32 + 8 + 32 } })
    expect(workloads[3]?.requests).toEqual({})
  })

  it('keeps together what DRS keeps together, and counts hosts by volume', () => {
    const { dependencies, target, windows } = waveProblem(estate, assumed)
    expect(dependencies).toEqual([{ from: 'c', to: 'd', type: 'Together' }])
    expect(target.hosts.map(({ name }) => name)).toEqual(['big-1', 'big-2'])
    // A source host with the name of a target would be two hosts of one name.
    expect(target.reusedHosts?.map(({ name }) => name)).toEqual(['host-1'])
    expect(windows.at(-1)).toEqual({ startSeconds: 3 * 86_400, endSeconds: 3 * 86_400 + 3600 })
  })

  it.each(['machine', 'vApp', 'folder', 'resourcePool', 'cluster'] as const)(
    'by %s is a good document with a good plan',
    (appFrom) => {
      const problem = parseWaveProblem(JSON.parse(JSON.stringify(waveProblem(estate, { ...assumed, appFrom, cutOvers: 4 }))))
      const plan = planWaves(problem)
      expect([checkWaves(problem, plan), plan.unplanned]).toEqual([[], []])
    },
  )
})

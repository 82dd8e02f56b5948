import type { InstancePhase, Node, VirtualMachineInstance } from '@weir/api'
import { parseBytes } from '@weir/base'
import { array, assert, boolean, constantFrom, integer, property, record } from 'fast-check'
import { expect, it } from 'vitest'
import { demandOf } from '../placement/demand.ts'
import { hostConditions, hostNode, hostStatus } from './host-node.ts'
import { planHosts } from './plan-hosts.ts'

const gibibyte = 2 ** 30
const anInstance = (
  name: string,
  {
    host,
    memory,
    phase = 'Running',
    isDeleting = false,
  }: { readonly host: number; readonly memory: number; readonly phase?: InstancePhase; readonly isDeleting?: boolean },
): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name, namespace: 'default', uid: name, ...(isDeleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
  spec: { domain: { memory: { guest: `${memory}Mi` }, devices: {} } },
  status: { phase, nodeName: `host-${host}` },
})
const hosts = (count: number, memoryBytes = 16 * gibibyte): readonly Node[] =>
  Array.from({ length: count }, (_, index) => {
    const name = `host-${index + 1}`
    const share = { name, count, resources: { cpuCount: 64, memoryBytes }, kvm: { usable: false, reason: '' }, version: '' }
    return { ...hostNode(name), status: { ...hostStatus(share), conditions: hostConditions(share) } }
  })

const cases = record({
  before: integer({ min: 1, max: 6 }),
  after: integer({ min: 1, max: 6 }),
  machines: array(
    record({
      host: integer({ min: 1, max: 6 }),
      memory: integer({ min: 64, max: 6144 }),
      phase: constantFrom<InstancePhase>('Scheduled', 'Running', 'Succeeded', 'Failed'),
      isDeleting: boolean(),
    }),
    { maxLength: 12 },
  ),
})

it('moves those whose host goes, all of them, never beyond what a host has, or refuses', () => {
  assert(
    property(cases, ({ before, after, machines }) => {
      const instances = machines.map((each, index) =>
        anInstance(`vm-${index}`, { ...each, host: ((each.host - 1) % before) + 1 }),
      )
      const remaining = hosts(after)
      const plan = planHosts(remaining, instances)
      const homeless = instances.filter(({ status }) => !remaining.some(({ metadata }) => metadata.name === status?.nodeName))
      if (plan.kind === 'Refused') {
        expect(homeless.map(({ metadata }) => `default/${metadata.name}`)).toEqual(
          expect.arrayContaining(plan.refusals.map(({ name }) => name)),
        )
        return
      }
      expect(plan.moves.map(({ instance }) => instance.metadata.name).toSorted()).toEqual(
        homeless.map(({ metadata }) => metadata.name).toSorted(),
      )
      for (const node of remaining) {
        const arrivals = plan.moves.filter(({ nodeName, instance }) => nodeName === node.metadata.name && counts(instance))
        const stays = instances.filter((each) => each.status?.nodeName === node.metadata.name && counts(each))
        const sum = [...arrivals.map(({ instance }) => instance), ...stays].reduce(
          (total, each) => total + demandOf(each).memoryBytes,
          0,
        )
        if (arrivals.length > 0) expect(sum).toBeLessThanOrEqual(parseBytes(node.status?.allocatable?.['memory'] ?? '', 'memory'))
      }
      expect(planHosts(remaining, instances.toReversed())).toEqual(plan)
    }),
    { numRuns: 1000 },
  )
})

const counts = ({ status, metadata }: VirtualMachineInstance): boolean =>
  status?.phase !== 'Succeeded' && status?.phase !== 'Failed' && metadata.deletionTimestamp === undefined

it('takes the largest first: what fits in some order of names fits', () => {
  // Two hosts of 7372 MiB: 4+3 and 4+3, but not 3+3 and 4 and 4.
  const instances = [3, 3, 4, 4].map((gibibytes, index) => anInstance(`vm-${index}`, { host: 3, memory: gibibytes * 1000 }))
  expect(planHosts(hosts(2), instances)).toMatchObject({ kind: 'Moves' })
})

it('says for whom there is no place, and why', () => {
  const plan = planHosts(hosts(1, 2 * gibibyte), [
    anInstance('big', { host: 2, memory: 4096 }),
    anInstance('small', { host: 2, memory: 64 }),
  ])
  expect(plan).toEqual({
    kind: 'Refused',
    refusals: [{ name: 'default/big', message: '0/1 nodes are available: 1 Insufficient memory.' }],
  })
})

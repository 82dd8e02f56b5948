import { parseBytes, parseCpuMillis } from '@weir/base'
import { assert, integer, nat, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hostNames } from './host-names.ts'
import { hostConditions, hostNode, hostStatus, isHostNode } from './host-node.ts'

const kvm = { usable: false, reason: '/dev/kvm is missing or may not be opened.' }
const shareOf = (count: number, cpuCount = 2, memoryBytes = 8 * 2 ** 30) => ({
  name: 'host',
  count,
  resources: { cpuCount, memoryBytes },
  kvm,
  version: 'v1',
})

describe('the names of hosts', () => {
  it('stay when others come or go', () => {
    expect(hostNames(1, 'Rack4.example.com')).toEqual(['rack4-example-com'])
    expect(hostNames(3, 'rack4')).toEqual(['rack4', 'rack4-2', 'rack4-3'])
    assert(
      property(integer({ min: 1, max: 64 }), integer({ min: 1, max: 64 }), (few, many) => {
        const [less, more] = [Math.min(few, many), Math.max(few, many)]
        expect(hostNames(more, 'rack').slice(0, less)).toEqual(hostNames(less, 'rack'))
        expect(new Set(hostNames(more, 'rack')).size).toBe(more)
      }),
    )
  })

  it.each(['---', '', `${'a'.repeat(49)}-b`, 'ÄÖÜ', 'a_b'])(
    'are names that Kubernetes takes, whatever the machine is called: %j',
    (machine) => {
      for (const name of hostNames(64, machine)) expect(name).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/u)
    },
  )
})

describe('the share of a host', () => {
  it('is all of the machine for one host', () => {
    expect(hostStatus(shareOf(1))).toMatchObject({
      capacity: { cpu: '2', memory: '8Gi' },
      allocatable: { cpu: '2', memory: '7372Mi' },
    })
  })

  it('is never more than the machine has, and hardly less', () => {
    assert(
      property(integer({ min: 1, max: 64 }), integer({ min: 1, max: 256 }), nat(2 ** 42), (count, cpuCount, memoryBytes) => {
        const { capacity = {}, allocatable = {} } = hostStatus(shareOf(count, cpuCount, memoryBytes))
        const memory = parseBytes(capacity['memory'] ?? '', 'memory')
        const cpu = parseCpuMillis(capacity['cpu'] ?? '', 'cpu')
        expect(memory * count).toBeLessThanOrEqual(memoryBytes)
        expect(memory * count).toBeGreaterThan(memoryBytes - count * 2 ** 20)
        expect(cpu * count).toBeLessThanOrEqual(cpuCount * 1000)
        expect(cpu * count).toBeGreaterThan(cpuCount * 1000 - count)
        expect(parseBytes(allocatable['memory'] ?? '', 'memory')).toBeLessThanOrEqual(memory)
      }),
    )
  })

  it('is known by its runtime', () => {
    expect(isHostNode({ ...hostNode('a'), status: hostStatus(shareOf(1)) })).toBe(true)
    expect(isHostNode({ ...hostNode('a'), status: { nodeInfo: { containerRuntimeVersion: 'containerd://2' } } })).toBe(false)
    expect(isHostNode(hostNode('a'))).toBe(false)
  })
})

it('says whether KVM may be used, and why not', () => {
  expect(hostConditions(shareOf(1))).toContainEqual({
    type: 'KvmUsable',
    status: 'False',
    reason: 'ProbeFailed',
    message: 'Guests run in software emulation. /dev/kvm is missing or may not be opened.',
  })
  expect(hostConditions({ ...shareOf(1), kvm: { usable: true, reason: 'It ran.' } })).toContainEqual({
    type: 'KvmUsable',
    status: 'True',
    reason: 'ProbePassed',
    message: 'It ran.',
  })
})

import type { Node } from '@weir/api'
import { expect, it } from 'vitest'
import { firstFit, type Room } from './first-fit.ts'

const aNode = (name: string, more: Partial<Node['status']> = {}, spec: Node['spec'] = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { zone: name } },
  spec,
  status: {
    allocatable: { memory: '4Gi', cpu: '2' },
    conditions: [{ type: 'Ready', status: 'True', reason: 'x', message: '' }],
    ...more,
  },
})
const gibibyte = 2 ** 30
const nothingTaken = (): Room => ({ memoryBytes: 0, cpuMillis: 0 })
const demand = { memoryBytes: 2 * gibibyte, cpuMillis: 100, nodeSelector: {} }

it('takes the first host by name that has room', () => {
  expect(firstFit(demand, [aNode('b'), aNode('a')], nothingTaken)).toEqual({ kind: 'Placed', nodeName: 'a' })
  expect(
    firstFit(demand, [aNode('b'), aNode('a')], (name) => ({ memoryBytes: name === 'a' ? 3 * gibibyte : 0, cpuMillis: 0 })),
  ).toMatchObject({ nodeName: 'b' })
})

it('says for every host why it does not fit', () => {
  const nodes = [
    aNode('full', { allocatable: { memory: '1Gi', cpu: '2' } }),
    aNode('off', {}, { unschedulable: true }),
    aNode('lost', { conditions: [] }),
  ]
  expect(firstFit(demand, nodes, nothingTaken)).toEqual({
    kind: 'Refused',
    message: '0/3 nodes are available: 1 Insufficient memory, 1 node(s) were not ready, 1 node(s) were unschedulable.',
  })
  expect(firstFit({ ...demand, nodeSelector: { zone: 'x' } }, [aNode('a')], nothingTaken)).toMatchObject({
    message: "0/1 nodes are available: 1 node(s) didn't match the node selector.",
  })
  expect(firstFit({ ...demand, cpuMillis: 2001 }, [aNode('a')], nothingTaken)).toMatchObject({
    message: '0/1 nodes are available: 1 Insufficient cpu.',
  })
  expect(firstFit(demand, [], nothingTaken)).toEqual({ kind: 'Refused', message: '0/0 nodes are available.' })
})

it('is not held up by a host that says nonsense', () => {
  const nodes = [aNode('a', { allocatable: { memory: '-1', cpu: 'many' } }), aNode('b')]
  expect(firstFit(demand, nodes, nothingTaken)).toEqual({ kind: 'Placed', nodeName: 'b' })
})

import type { Node } from '@weir/api'
import { assert, boolean, constantFrom, nat, property, record, uniqueArray } from 'fast-check'
import { expect, it } from 'vitest'
import { firstFit, type Room } from './first-fit.ts'

const host = record({
  name: constantFrom('a', 'b', 'c', 'd', 'e'),
  memory: nat(8),
  cpu: nat(4),
  isReady: boolean(),
  isCordoned: boolean(),
  zone: constantFrom('x', 'y'),
  taken: record({ memoryBytes: nat(8), cpuMillis: nat(4000) }),
})

const demand = record({ memoryBytes: nat(8), cpuMillis: nat(4000), zone: constantFrom('x', 'y', '') })

/** What a host needs to be chosen, said another way. */
const fits = (
  {
    memory,
    cpu,
    isReady,
    isCordoned,
    zone,
    taken,
  }: {
    readonly memory: number
    readonly cpu: number
    readonly isReady: boolean
    readonly isCordoned: boolean
    readonly zone: string
    readonly taken: Room
  },
  wanted: Room & { readonly zone: string },
): boolean =>
  isReady &&
  !isCordoned &&
  (wanted.zone === '' || wanted.zone === zone) &&
  memory - taken.memoryBytes >= wanted.memoryBytes &&
  cpu * 1000 - taken.cpuMillis >= wanted.cpuMillis

it('chooses the first by name that fits, or explains every host', () => {
  assert(
    property(uniqueArray(host, { selector: ({ name }) => name }), demand, (hosts, wanted) => {
      const nodes: readonly Node[] = hosts.map(({ name, memory, cpu, isReady, isCordoned, zone }) => ({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name, labels: { zone } },
        spec: { unschedulable: isCordoned },
        status: {
          allocatable: { memory: String(memory), cpu: String(cpu) },
          conditions: [{ type: 'Ready', status: isReady ? 'True' : 'Unknown', reason: '', message: '' }],
        },
      }))
      const { zone, ...room } = wanted
      const asked = { ...room, nodeSelector: zone === '' ? {} : { zone } }
      const found = firstFit(
        asked,
        nodes,
        (name) => hosts.find((each) => each.name === name)?.taken ?? { memoryBytes: 0, cpuMillis: 0 },
      )
      const first = hosts
        .filter((each) => fits(each, wanted))
        .map(({ name }) => name)
        .toSorted()[0]
      if (first !== undefined) {
        expect(found).toEqual({ kind: 'Placed', nodeName: first })
        return
      }
      const { message } = found.kind === 'Refused' ? found : { message: '' }
      expect(message.startsWith(`0/${hosts.length} nodes are available`)).toBe(true)
      const counts = [...message.matchAll(/(?:: |, )(\d+) /gu)].map(([, count]) => Number(count))
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(hosts.length)
    }),
  )
})

import { expect, it } from 'vitest'
import { aHost } from '../testing/builders.ts'
import { hostModels } from './host-types.ts'
import { kubevirtOverheadMebibytes } from './kubevirt-overhead.ts'

const gibibyte = 2 ** 30

it('takes hosts together that differ by what firmware keeps', () => {
  const hosts = [aHost({ name: 'a' }), aHost({ name: 'b', memoryBytes: 127.5 * gibibyte }), aHost({ name: 'c', cores: 32 })]
  expect(hostModels(hosts).map(({ cores, hosts: members }) => [cores, members.length])).toEqual([
    [16, 2],
    [32, 1],
  ])
})

it('never gives two models one name', () => {
  const names = hostModels(
    [127.6, 131.4, 131.5].map((size, index) => aHost({ name: `h${index}`, memoryBytes: size * gibibyte, model: 'R1' })),
  ).map(({ name }) => name)
  const alike = hostModels([
    aHost({ name: 'a', memoryBytes: 20.4 * gibibyte }),
    aHost({ name: 'b', memoryBytes: 19.6 * gibibyte }),
  ])
  expect(new Set(names).size).toBe(names.length)
  expect(alike.map(({ name }) => name)).toEqual(['16c-2.5GHz-20GiB', '16c-2.5GHz-20GiB #2'])
})

it('leaves out hosts of unknown size', () => {
  expect(hostModels([{ id: 'x', sourceId: 's', name: 'x' }])).toEqual([])
})

it("counts what KubeVirt takes beside a guest's memory", () => {
  expect(kubevirtOverheadMebibytes({ memoryMebibytes: 8192, cpuCount: 4 })).toBe(220 + 16 + 32 + 8 + 32)
  expect(kubevirtOverheadMebibytes({ memoryMebibytes: 8192, cpuCount: 4, hasPassthrough: true })).toBe(308 + 1024)
})

import { describe, expect, it } from 'vitest'
import { parseEstate } from '../document/parse-estate.ts'
import { fromKubernetes } from './from-kubernetes.ts'
import type { KubernetesContainer, KubernetesObjects } from './objects.ts'

const source = { name: 'prod', location: 'https://10.0.0.1:6443', version: 'v1.35.0' }
const read = (objects: KubernetesObjects): ReturnType<typeof fromKubernetes> => {
  const estate = fromKubernetes(objects, source)
  expect(parseEstate(JSON.parse(JSON.stringify(estate)))).toEqual(estate)
  return estate
}
const container = (cpu: string, memory: string, more: Partial<KubernetesContainer> = {}): KubernetesContainer => ({
  resources: { requests: { cpu, memory } },
  ...more,
})
const node = {
  metadata: { name: 'n1' },
  status: { capacity: { cpu: '16', memory: '64Gi', 'nvidia.com/gpu': '2' }, nodeInfo: { kubeletVersion: 'v1.35.0' } },
}

describe('a cluster', () => {
  it('has nodes as hosts', () => {
    expect(read({ nodes: [node] }).hosts).toEqual([
      {
        id: 'prod/n1',
        sourceId: 'prod',
        clusterId: 'prod/cluster',
        name: 'n1',
        threads: 16,
        memoryBytes: 64 * 2 ** 30,
        version: 'v1.35.0',
        gpus: [{ model: 'nvidia.com/gpu', count: 2 }],
      },
    ])
  })

  it('has pods as containers, with what they ask for and use', () => {
    const estate = read({
      nodes: [node],
      pods: [
        {
          metadata: {
            name: 'web-7d-x',
            namespace: 'shop',
            uid: 'u1',
            labels: { 'pod-template-hash': '7d' },
            ownerReferences: [{ kind: 'ReplicaSet', name: 'web-7d', controller: true }],
          },
          spec: {
            nodeName: 'n1',
            containers: [container('250m', '1Gi'), container('1', '1Gi')],
            initContainers: [container('100m', '256Mi', { restartPolicy: 'Always' }), container('2', '1Gi')],
            overhead: { cpu: '10m' },
          },
          status: { phase: 'Running', podIPs: [{ ip: '10.1.0.4' }] },
        },
        { metadata: { name: 'done', namespace: 'shop' }, status: { phase: 'Succeeded' } },
      ],
      podMetrics: [
        { metadata: { name: 'web-7d-x', namespace: 'shop' }, containers: [{ usage: { cpu: '1500000n', memory: '100Mi' } }] },
      ],
    })
    expect(estate.machines).toMatchObject([
      {
        id: 'u1',
        type: 'Container',
        folder: 'shop',
        workload: 'Deployment/web',
        hostId: 'prod/n1',
        power: 'On',
        cpu: { requestMillis: 2110, usageMillis: 2 },
        memory: { reservationBytes: 2 ** 31 + 2 ** 28, consumedBytes: 100 * 2 ** 20 },
      },
    ])
    expect(estate.machines[0]?.cpu).not.toHaveProperty('limitMillis')
    expect(estate.findings).toEqual([])
  })

  it('has virtual machines once, whether they run or not', () => {
    const spec = {
      domain: {
        cpu: { cores: 2, sockets: 2 },
        memory: { guest: '4Gi' },
        firmware: { uuid: 'AB', bootloader: { efi: { secureBoot: false } } },
        devices: {
          disks: [
            { name: 'root', disk: { bus: 'virtio' } },
            { name: 'cd', cdrom: {} },
          ],
          interfaces: [{ name: 'eth', macAddress: 'AA:BB:CC:00:00:01' }],
        },
      },
      networks: [{ name: 'eth', multus: { networkName: 'lan' } }],
    }
    const metadata = { name: 'db', namespace: 'shop', uid: 'vm' }
    const estate = read({
      nodes: [node],
      virtualMachines: [
        { metadata, spec: { template: { spec } } },
        { metadata: { name: 'off', namespace: 'shop' }, spec: { template: { spec } } },
      ],
      virtualMachineInstances: [
        {
          metadata: { ...metadata, uid: 'vmi' },
          spec,
          status: {
            phase: 'Running',
            nodeName: 'n1',
            guestOSInfo: { prettyName: 'Debian 12' },
            interfaces: [{ name: 'eth', ipAddresses: ['10.0.0.9'] }],
            volumeStatus: [{ name: 'root', persistentVolumeClaimInfo: { capacity: { storage: '10Gi' } } }],
          },
        },
      ],
      pods: [
        {
          metadata: {
            name: 'virt-launcher-db',
            namespace: 'shop',
            ownerReferences: [{ kind: 'VirtualMachineInstance', name: 'db' }],
          },
          status: { phase: 'Running' },
        },
      ],
    })
    expect(estate.machines.map(({ name, power }) => [name, power])).toEqual([
      ['db', 'On'],
      ['off', 'Off'],
    ])
    expect(estate.machines[0]).toMatchObject({
      id: 'vm',
      biosUuid: 'ab',
      cpu: { count: 4, coresPerSocket: 2 },
      memory: { sizeBytes: 2 ** 32 },
      firmware: 'efi',
      hostId: 'prod/n1',
      guest: { reportedOs: 'Debian 12', ipAddresses: ['10.0.0.9'] },
      disks: [{ id: 'root', capacityBytes: 10 * 2 ** 30, controller: 'virtio' }],
      nics: [{ network: 'lan', mac: 'aa:bb:cc:00:00:01' }],
      devices: [{ type: 'CdRom', label: 'cd' }],
    })
    expect(estate.findings).toContainEqual(expect.objectContaining({ object: 'sheet/podMetrics' }))
  })

  it('with quantities that are none still becomes an estate', () => {
    const estate = read({
      nodes: [{ metadata: { name: 'n' }, status: { capacity: { cpu: 'lots' } } }],
      pods: [{}],
      virtualMachines: [{}],
    })
    expect(estate.machines).toHaveLength(2)
    expect(estate.findings).toContainEqual(expect.objectContaining({ kind: 'Invalid', object: 'host/prod/n', field: 'cpu' }))
  })
})

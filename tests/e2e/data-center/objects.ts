import {
  apiVersionOf,
  type DataVolume,
  dataVolume,
  type DataVolumeSpec,
  type Namespace,
  namespace,
  virtualMachine,
  type VirtualMachine,
} from '@weir/api'

const storage = { resources: { requests: { storage: '2Mi' } } }

export const aNamespace = (name: string): Namespace => ({
  apiVersion: 'v1',
  kind: namespace.kind,
  metadata: { name },
})

export const aDataVolume = (home: string, name: string, source: NonNullable<DataVolumeSpec['source']>): DataVolume => ({
  apiVersion: apiVersionOf(dataVolume),
  kind: dataVolume.kind,
  metadata: { name, namespace: home },
  spec: { source, storage },
})

/** A machine of 16 MiB with a forwarded port, a seed disk, an empty disk and a root disk that is filled from `source`. */
export const aMachine = (
  home: string,
  name: string,
  {
    source,
    ...more
  }: { source: NonNullable<DataVolumeSpec['source']>; graceSeconds?: number; runStrategy?: 'Always' | 'Halted' },
): VirtualMachine => ({
  apiVersion: apiVersionOf(virtualMachine),
  kind: virtualMachine.kind,
  metadata: { name, namespace: home },
  spec: {
    runStrategy: more.runStrategy ?? 'Always',
    dataVolumeTemplates: [{ metadata: { name: `${name}-root` }, spec: { source, storage } }],
    template: {
      spec: {
        terminationGracePeriodSeconds: more.graceSeconds ?? 30,
        domain: {
          resources: { requests: { memory: '16Mi' } },
          devices: {
            disks: [
              { name: 'root', bootOrder: 1, disk: { bus: 'virtio' } },
              { name: 'spare', disk: { bus: 'virtio' } },
              { name: 'seed', disk: { bus: 'virtio' } },
            ],
            interfaces: [{ name: 'pod', masquerade: {}, ports: [{ port: 22 }] }],
          },
        },
        networks: [{ name: 'pod', pod: {} }],
        volumes: [
          { name: 'root', dataVolume: { name: `${name}-root` } },
          { name: 'spare', emptyDisk: { capacity: '1Mi' } },
          { name: 'seed', cloudInitNoCloud: { userData: '#cloud-config\n' } },
        ],
      },
    },
  },
})

import type { DataVolume, PersistentVolumeClaim, RunStrategy, VirtualMachine, Volume } from '@weir/api'

/** What a test says of a machine; the rest is ordinary. */
export interface MachineWish {
  readonly name: string
  readonly runStrategy?: RunStrategy
  readonly running?: boolean
  readonly memory?: string
  readonly disks?: readonly DiskWish[]
  readonly graceSeconds?: number
  readonly ports?: readonly number[]
}

/** A disk: made empty, downloaded, or scratch space of one life with the machine; or a claim that exists, or does not. */
export type DiskWish =
  | { readonly kind: 'blank' | 'http' | 'scratch'; readonly name: string }
  | { readonly kind: 'claim'; readonly name: string; readonly claim: string }

const volumeOf = (machine: string, disk: DiskWish): Volume => {
  switch (disk.kind) {
    case 'blank':
    case 'http':
      return { name: disk.name, dataVolume: { name: `${machine}-${disk.name}` } }
    case 'scratch':
      return { name: disk.name, emptyDisk: { capacity: '1Mi' } }
    case 'claim':
      return { name: disk.name, persistentVolumeClaim: { claimName: disk.claim } }
  }
}

const storage = { resources: { requests: { storage: '1Mi' } } }

/** A VirtualMachine in the namespace `default`. */
export function aMachine(wish: MachineWish): VirtualMachine {
  const { name, runStrategy, running, memory = '1Gi', disks = [], graceSeconds, ports = [] } = wish
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, namespace: 'default' },
    spec: {
      ...(running === undefined ? { runStrategy: runStrategy ?? 'Always' } : { running }),
      dataVolumeTemplates: disks.flatMap((disk) =>
        disk.kind === 'blank' || disk.kind === 'http'
          ? {
              metadata: { name: `${name}-${disk.name}` },
              spec: { source: disk.kind === 'blank' ? { blank: {} } : { http: { url: `http://${name}/${disk.name}` } }, storage },
            }
          : [],
      ),
      template: {
        spec: {
          domain: {
            memory: { guest: memory },
            devices: {
              disks: disks.map((disk) => ({ name: disk.name, disk: { bus: 'virtio' } })),
              ...(ports.length === 0
                ? {}
                : { interfaces: [{ name: 'default', masquerade: {}, ports: ports.map((port) => ({ port })) }] }),
            },
          },
          ...(ports.length === 0 ? {} : { networks: [{ name: 'default', pod: {} }] }),
          volumes: disks.map((disk) => volumeOf(name, disk)),
          ...(graceSeconds === undefined ? {} : { terminationGracePeriodSeconds: graceSeconds }),
        },
      },
    },
  }
}

/** A claim of 1 MiB in the namespace `default`. */
export const aClaim = (name: string): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default' },
  spec: { accessModes: ['ReadWriteOnce'], ...storage },
})

/** A DataVolume of 1 MiB in the namespace `default`. */
export const aDataVolume = (name: string, source: DataVolume['spec']['source']): DataVolume => ({
  apiVersion: 'cdi.kubevirt.io/v1beta1',
  kind: 'DataVolume',
  metadata: { name, namespace: 'default' },
  spec: { ...(source === undefined ? {} : { source }), storage },
})

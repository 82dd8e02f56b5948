import type { Estate, EstateHost, EstateMachine } from '@weir/estate'

/** A running machine of 4 vCPUs and 16 GiB on `host-1` of `c1`, with what the test changes. */
export const aMachine = (changes: Partial<EstateMachine> = {}): EstateMachine => ({
  id: changes.name ?? 'vm-1',
  sourceId: 'test',
  type: 'VirtualMachine',
  name: 'vm-1',
  clusterId: 'c1',
  hostId: 'host-1',
  power: 'On',
  cpu: { count: 4 },
  memory: { sizeBytes: 16 * 2 ** 30 },
  guest: { ipAddresses: [] },
  disks: [],
  partitions: [],
  nics: [],
  snapshots: [],
  devices: [],
  rules: [],
  ...changes,
})

/** A host of 16 cores at 2.5 GHz with 128 GiB in `c1`, with what the test changes. */
export const aHost = (changes: Partial<EstateHost> = {}): EstateHost => ({
  id: changes.name ?? 'host-1',
  sourceId: 'test',
  name: 'host-1',
  clusterId: 'c1',
  cores: 16,
  cpuMhz: 2500,
  memoryBytes: 128 * 2 ** 30,
  ...changes,
})

/** An estate of one cluster `c1`. */
export const anEstate = (machines: readonly EstateMachine[], hosts: readonly EstateHost[]): Estate => ({
  apiVersion: 'weir.dev/v1alpha1',
  kind: 'Estate',
  metadata: { name: 'test' },
  sources: [{ id: 'test', type: 'Estate', location: 'test', parts: [] }],
  clusters: [...new Set(hosts.flatMap(({ clusterId }) => clusterId ?? []))].map((id) => ({ id, sourceId: 'test', name: id })),
  hosts,
  datastores: [],
  networks: [],
  machines,
  findings: [],
})

/** 31 days in steps of 5 minutes, a month end among them; `value` by step. */
export const aMonth = (value: (step: number) => number | null): readonly (number | null)[] =>
  Array.from({ length: 31 * 288 }, (_, step) => value(step))

import { finding, firstFew } from '../findings/finding.ts'
import type { Estate, Finding } from '../model/estate.ts'

/**
 * What an estate contradicts or leaves out that can be seen from the estate alone, whichever reader it is from: ids, UUIDs and MAC
 * addresses that stand twice, hosts that run nothing, machines without processors, memory, cluster or host. O(n).
 */
export function reconcile(estate: Estate): readonly Finding[] {
  return [...idleHosts(estate), ...incompleteMachines(estate), ...sharedIdentities(estate), ...unknownDatastores(estate)]
}

function idleHosts({ hosts, machines }: Estate): readonly Finding[] {
  const busy = new Set(machines.flatMap(({ hostId }) => hostId ?? []))
  if (busy.size === 0) return []
  return hosts
    .filter((host) => !busy.has(host.id) && host.isInMaintenance !== true)
    .map(({ id, name }) => finding('host.idle', { kind: 'Contradictory', object: `host/${id}` }, { host: name }))
}

type MissingId = 'machine.noCpuCount' | 'machine.noMemorySize' | 'machine.noPlace' | 'machine.noDiskSize'

function incompleteMachines({ machines }: Estate): readonly Finding[] {
  return machines
    .filter(({ type }) => type === 'VirtualMachine')
    .flatMap((machine) => {
      const { id, name, cpu, memory, clusterId, hostId, disks, diskCapacityBytes, provisionedBytes } = machine
      const hasDiskSize = disks.length > 0 || diskCapacityBytes !== undefined || provisionedBytes !== undefined
      const missing = (what: MissingId, field: string): Finding =>
        finding(what, { kind: 'Missing', object: `machine/${id}`, field }, { machine: name })
      return [
        ...(cpu.count === undefined ? [missing('machine.noCpuCount', 'CPUs')] : []),
        ...(memory.sizeBytes === undefined ? [missing('machine.noMemorySize', 'Memory')] : []),
        ...(clusterId === undefined && hostId === undefined ? [missing('machine.noPlace', 'Cluster')] : []),
        ...(hasDiskSize ? [] : [missing('machine.noDiskSize', 'Provisioned MiB')]),
      ]
    })
}

/** SMBIOS and instance UUIDs and MAC addresses that several machines have: clones, or one machine read twice. */
function sharedIdentities({ machines }: Estate): readonly Finding[] {
  const real = machines.filter(({ type }) => type !== 'SrmPlaceholder')
  return [
    ...shared('SMBIOS UUID', real, ({ biosUuid }) => (biosUuid === undefined ? [] : [biosUuid])),
    ...shared('VM UUID', real, ({ instanceUuid }) => (instanceUuid === undefined ? [] : [instanceUuid])),
    ...shared('Mac Address', real, ({ nics }) => new Set(nics.flatMap(({ mac }) => mac ?? []))),
  ]
}

type Machine = Estate['machines'][number]

function shared(
  field: string,
  machines: readonly Machine[],
  valuesOf: (machine: Machine) => Iterable<string>,
): readonly Finding[] {
  const first = new Map<string, Machine>()
  const groups = new Map<string, Machine[]>()
  for (const machine of machines)
    for (const value of valuesOf(machine)) {
      const known = first.get(value)
      if (known === undefined) first.set(value, machine)
      else {
        const group = groups.get(value)
        if (group === undefined) groups.set(value, [known, machine])
        else group.push(machine)
      }
    }
  return [...groups].map(([value, owners]) =>
    finding(
      'machine.sameIdentity',
      { kind: 'Contradictory', object: `machine/${owners[0]?.id ?? ''}`, field },
      { count: owners.length, field, value, machines: firstFew(owners.map(({ name }) => name)) },
    ),
  )
}

function unknownDatastores({ machines, datastores }: Estate): readonly Finding[] {
  if (datastores.length === 0) return []
  const known = new Set(datastores.map(({ name }) => name))
  const unknown = new Map<string, string>()
  for (const machine of machines)
    for (const { datastore } of machine.disks)
      if (datastore !== undefined && !known.has(datastore) && !unknown.has(datastore)) unknown.set(datastore, machine.name)
  return [...unknown].map(([datastore, machine]) =>
    finding('datastore.unlisted', { kind: 'Missing', object: `datastore/${datastore}`, field: 'Path' }, { machine, datastore }),
  )
}

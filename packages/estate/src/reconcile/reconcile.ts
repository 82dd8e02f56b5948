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
    .map((host) => ({
      kind: 'Contradictory',
      object: `host/${host.id}`,
      message: `The host '${host.name}' runs no machine of the estate.`,
      remedy: 'Is it a spare, or were its machines filtered out of the export? Leave it out if it does not count.',
    }))
}

function incompleteMachines({ machines }: Estate): readonly Finding[] {
  return machines
    .filter(({ type }) => type === 'VirtualMachine')
    .flatMap((machine) => {
      const missing = [
        ...(machine.cpu.count === undefined ? [['CPUs', 'number of processors']] : []),
        ...(machine.memory.sizeBytes === undefined ? [['Memory', 'size of its memory']] : []),
        ...(machine.clusterId === undefined && machine.hostId === undefined ? [['Cluster', 'cluster or host']] : []),
        ...(machine.disks.length === 0 && machine.diskCapacityBytes === undefined && machine.provisionedBytes === undefined
          ? [['Provisioned MiB', 'size of its disks']]
          : []),
      ]
      return missing.map(([field = '', what = '']) => ({
        kind: 'Missing' as const,
        object: `machine/${machine.id}`,
        field,
        message: `The ${what} of '${machine.name}' is not known.`,
        remedy: 'Conclusions leave the machine out where they need it. Export again with that column.',
      }))
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
  return [...groups].map(([value, owners]) => ({
    kind: 'Contradictory',
    object: `machine/${owners[0]?.id ?? ''}`,
    field,
    message: `${owners.length} machines have the ${field} ${value}: ${owners
      .slice(0, 5)
      .map(({ name }) => name)
      .join(', ')}${owners.length > 5 ? ', ...' : ''}.`,
    remedy: 'Clones keep the identity of their original. Give each its own before they meet on one network.',
  }))
}

function unknownDatastores({ machines, datastores }: Estate): readonly Finding[] {
  if (datastores.length === 0) return []
  const known = new Set(datastores.map(({ name }) => name))
  const unknown = new Map<string, string>()
  for (const machine of machines)
    for (const { datastore } of machine.disks)
      if (datastore !== undefined && !known.has(datastore) && !unknown.has(datastore)) unknown.set(datastore, machine.name)
  return [...unknown].map(([name, machine]) => ({
    kind: 'Missing',
    object: `datastore/${name}`,
    field: 'Path',
    message: `A disk of '${machine}' lies on the datastore '${name}', which the estate does not list.`,
    remedy: 'Export again with rights to see every datastore.',
  }))
}

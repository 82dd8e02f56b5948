import { dataVolume, importingAnnotation, node, virtualMachine } from '@weir/api'
import type { Session } from './session.ts'

/** Prints what runs where and how well, in a few lines. */
export async function showStatus({ client, connection, io, signal }: Session): Promise<void> {
  const [version, nodes, machines, volumes] = await Promise.all([
    client.raw('GET', '/version', undefined, signal) as Promise<{ readonly gitVersion: string }>,
    client.list(node, { signal }),
    client.list(virtualMachine, { signal }),
    client.list(dataVolume, { signal }),
  ])
  const isReady = (item: (typeof nodes.items)[number]): boolean =>
    item.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
  io.out(`API       ${connection.server} (${version.gitVersion})\n`)
  io.out(`Hosts     ${nodes.items.filter(isReady).length} of ${nodes.items.length} ready\n`)
  for (const { metadata, status } of nodes.items) {
    const kvm = status?.conditions?.find(({ type }) => type === 'KvmUsable')
    if (kvm?.status === 'False') io.out(`          ${metadata.name}: ${kvm.message}\n`)
  }
  const counts = Map.groupBy(machines.items, ({ status }) => status?.printableStatus ?? 'Unknown')
  io.out(`Machines  ${[...counts].map(([state, items]) => `${items.length} ${state}`).join(', ') || 'none'}\n`)
  const importing = machines.items.filter(({ metadata }) => metadata.annotations?.[importingAnnotation] !== undefined)
  for (const { metadata } of importing)
    io.out(
      `Importing ${metadata.name}, last sign of life ${metadata.annotations?.[importingAnnotation]?.split(' by ')[0] ?? ''}\n`,
    )
  const filling = volumes.items.filter(({ status }) => status?.phase !== 'Succeeded')
  io.out(
    `Disks     ${volumes.items.length - filling.length} complete${filling.map(({ metadata, status }) => `, ${metadata.name} ${status?.phase ?? 'Pending'} ${status?.progress ?? ''}`).join('')}\n`,
  )
}

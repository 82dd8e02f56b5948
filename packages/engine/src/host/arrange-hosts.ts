import { lease, type Node, node, virtualMachineInstance } from '@weir/api'
import { isWeirError, type Logger, WeirError } from '@weir/base'
import type { Client } from '@weir/client'
import { leaseNamespace } from './heartbeat.ts'
import { hostNames } from './host-names.ts'
import { hostConditions, hostNode, type HostShare, hostStatus, isHostNode } from './host-node.ts'
import { type Move, planHosts } from './plan-hosts.ts'

/** What the hosts of this machine are arranged from. */
export interface ArrangeDeps extends Omit<HostShare, 'name' | 'count'> {
  readonly client: Client
  readonly logger: Logger
  /** How many hosts are wanted. Absent: as many as there are, one if there are none. */
  readonly count: number | undefined
  /** The name of this machine; its host name if absent. */
  readonly machineName?: string
}

/**
 * Decides which hosts there are, before any agent runs: returns their shares. Hosts that are no longer wanted are taken out of
 * the fabric: their guests keep running, untouched, and become the business of hosts that stay. May be interrupted and
 * repeated at any point.
 * @throws UP_HOSTS_IN_USE if the guests do not all fit on the hosts that stay; then nothing was changed.
 */
export async function arrangeHosts(deps: ArrangeDeps, signal: AbortSignal): Promise<readonly HostShare[]> {
  const { client, resources, kvm, version } = deps
  const { items } = await client.list(node, { signal })
  const registered = items.filter(isHostNode)
  const count = deps.count ?? Math.max(1, registered.length)
  const shares = hostNames(count, deps.machineName).map((name) => ({ name, count, resources, kvm, version }))
  const retired = registered.filter(({ metadata }) => !shares.some(({ name }) => name === metadata.name))
  const { items: instances } = await client.list(virtualMachineInstance, { signal })
  const hosts = shares.map((share) => expectedNode(share, items))
  // An instance may be bound to a host whose Node is gone already: an earlier run was interrupted, or somebody deleted it.
  const plan = planHosts(hosts, instances)
  if (plan.kind === 'Refused') throw refused(count, plan.refusals)
  for (const move of plan.moves) await rebind(deps, move, signal)
  for (const { metadata } of retired) await retire(deps, metadata.name, signal)
  return shares
}

/** The Node of a host as its agent will have it: ready, with its share, cordoned if somebody cordoned it. */
function expectedNode(share: HostShare, existing: readonly Node[]): Node {
  const found = existing.find(({ metadata }) => metadata.name === share.name)
  const { metadata } = hostNode(share.name)
  return {
    ...hostNode(share.name),
    metadata: { ...metadata, labels: { ...found?.metadata.labels, ...metadata.labels } },
    ...(found?.spec === undefined ? {} : { spec: found.spec }),
    status: { ...hostStatus(share), conditions: hostConditions(share) },
  }
}

function refused(count: number, refusals: readonly { readonly name: string; readonly message: string }[]): WeirError {
  const words = refusals.map(({ name, message }) => `'${name}' (${message.replace(/\.$/u, '')})`).join(', ')
  return new WeirError(
    'UP_HOSTS_IN_USE',
    `with ${count} host(s) there is no place for ${words}; start with the number of hosts of before and stop these machines, or choose more hosts`,
  )
}

async function rebind({ client, logger }: ArrangeDeps, { instance, nodeName }: Move, signal: AbortSignal): Promise<void> {
  const { namespace, name, uid } = instance.metadata
  const body = { metadata: { uid }, status: { nodeName } }
  try {
    await client.patch(virtualMachineInstance, instance.metadata, { type: 'merge', subresource: 'status', body }, signal)
  } catch (error) {
    // Gone, or another of its name: nothing is left to move.
    if (!isWeirError(error, 'API_NOT_FOUND') && !isWeirError(error, 'API_CONFLICT')) throw error
  }
  logger.info('A machine has another host now', { namespace, name, from: instance.status?.nodeName, to: nodeName })
}

async function retire({ client, logger }: ArrangeDeps, name: string, signal: AbortSignal): Promise<void> {
  const ignoreMissing = (error: unknown): void => {
    if (!isWeirError(error, 'API_NOT_FOUND')) throw error
  }
  await client.delete(lease, { namespace: leaseNamespace, name }, { signal }).catch(ignoreMissing)
  await client.delete(node, { name }, { signal }).catch(ignoreMissing)
  logger.info('A host was taken out', { host: name })
}

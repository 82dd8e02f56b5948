import { type Fabric, fabricProblem } from '@weir/assessment'
import { WeirError } from '@weir/base'
import { keyOf, type KubernetesObjects, type KubernetesPod, type KubevirtInstance } from '@weir/estate'
import { parseProblem } from '@weir/planner'
import type { Session } from '../../cli/session.ts'
import { readCluster } from '../../cluster/read-cluster.ts'

/**
 * The fabric of a cluster, with `newcomers` as if they waited for a host.
 * @throws API_FORBIDDEN if not all that its hosts run may be listed: a plan for the rest would overfill them;
 * PLAN_PROBLEM_INVALID if it has no hosts; CLI_USAGE if a newcomer is there already; as `readCluster`
 */
export async function readFabric(session: Session, newcomers: KubernetesObjects): Promise<Fabric> {
  const now = Date.now()
  const { objects, source, denied } = await readCluster(session, { now })
  const needed = denied.filter(({ list }) => list === 'nodes' || list === 'pods' || list === 'virtualMachineInstances')
  if (needed.length > 0) {
    const reasons = needed.map(({ finding: { message, remedy } }) => `${message} ${remedy}`).join(' ')
    throw new WeirError('API_FORBIDDEN', `a plan needs all that the hosts run: ${reasons}`)
  }
  if (objects.nodes?.length === 0)
    throw new WeirError(
      'PLAN_PROBLEM_INVALID',
      `The cluster of context '${source.name}' has no hosts yet: there is nothing to plan on.`,
    )
  const { problem, ...fabric } = fabricProblem(withNewcomers(objects, newcomers), { name: source.name, now })
  // The same rules as for a document: what a cluster calls its objects is not ours to trust.
  return { ...fabric, problem: parseProblem(problem), findings: [...(source.findings ?? []), ...fabric.findings] }
}

/** A cluster with objects that are not there yet. @throws CLI_USAGE if one of them is. */
function withNewcomers(
  objects: KubernetesObjects,
  { pods = [], virtualMachineInstances = [] }: KubernetesObjects,
): KubernetesObjects {
  const key = ({ metadata }: KubernetesPod | KubevirtInstance): string => keyOf(metadata)
  const isThere = new Set([...(objects.pods ?? []), ...(objects.virtualMachineInstances ?? [])].map(key))
  const twice = [...pods, ...virtualMachineInstances].map(key).find((name) => isThere.has(name))
  if (twice !== undefined) throw new WeirError('CLI_USAGE', `the cluster has '${twice}' already; give the new one another name`)
  return {
    ...objects,
    pods: [...(objects.pods ?? []), ...pods],
    virtualMachineInstances: [...(objects.virtualMachineInstances ?? []), ...virtualMachineInstances],
  }
}

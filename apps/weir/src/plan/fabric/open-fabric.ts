import type { Fabric } from '@weir/assessment'
import { WeirError } from '@weir/base'
import type { KubernetesMeta, KubernetesObjects } from '@weir/estate'
import type { GlobalOptions, Session } from '../../cli/session.ts'

/** Where a fabric is read from: a document, or the cluster of the kubeconfig. */
export interface SourceFlags extends GlobalOptions {
  readonly problem?: string
  readonly cluster?: boolean
}

const problemBytesMax = 512 * 2 ** 20

/**
 * The fabric that the flags name: a snapshot from a file or standard input, or a live cluster as it is now, with `newcomers` as if they
 * waited for a host.
 * @throws CLI_USAGE if they name none or both; PLAN_PROBLEM_INVALID; as `readFabric`
 */
export async function openFabric(flags: SourceFlags, newcomers: KubernetesObjects = {}): Promise<Fabric> {
  const { problem, cluster = false, namespace } = flags
  if ((problem === undefined) === !cluster)
    throw new WeirError('CLI_USAGE', 'name what to plan: --problem FILE, or --cluster for the one that the kubeconfig names')
  if (problem === undefined) {
    if (namespace !== undefined)
      throw new WeirError('CLI_USAGE', 'a plan needs all that its hosts run, of every namespace: leave --namespace out')
    const { withSession } = await import('../../cli/in-session.ts')
    return await withSession(flags, (session) => readFabric(session, newcomers))
  }
  const [{ readDocument }, { parseProblem }] = await Promise.all([import('../read-document.ts'), import('@weir/planner')])
  const document = await readDocument(problem, { code: 'PLAN_PROBLEM_INVALID', bytesMax: problemBytesMax })
  return { problem: parseProblem(document), plainSelector: {}, staysBecause: new Map(), findings: [] }
}

/**
 * The fabric of a cluster.
 * @throws API_FORBIDDEN if not all that its hosts run may be listed: a plan for the rest would overfill them;
 * PLAN_PROBLEM_INVALID if it has no hosts; as `readCluster`
 */
async function readFabric(session: Session, newcomers: KubernetesObjects): Promise<Fabric> {
  const [{ readCluster }, { fabricProblem }, { parseProblem }] = await Promise.all([
    import('../../cluster/read-cluster.ts'),
    import('@weir/assessment'),
    import('@weir/planner'),
  ])
  const now = Date.now()
  const { objects, source, denied } = await readCluster(session, { now })
  const needed = denied.filter((list) => list === 'nodes' || list === 'pods' || list === 'virtualMachineInstances')
  if (needed.length > 0) {
    const messages = source.findings?.filter(({ object }) => needed.some((list) => object === `sheet/${list}`)) ?? []
    throw new WeirError(
      'API_FORBIDDEN',
      `a plan needs all that the hosts run: ${messages.map(({ message, remedy }) => `${message} ${remedy}`).join(' ')}`,
    )
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
  const key = ({ metadata }: { readonly metadata?: KubernetesMeta }): string => `${metadata?.namespace}/${metadata?.name}`
  const isThere = new Set([...(objects.pods ?? []), ...(objects.virtualMachineInstances ?? [])].map(key))
  const twice = [...pods, ...virtualMachineInstances].map(key).find((name) => isThere.has(name))
  if (twice !== undefined) throw new WeirError('CLI_USAGE', `the cluster has '${twice}' already; give the new one another name`)
  return {
    ...objects,
    pods: [...(objects.pods ?? []), ...pods],
    virtualMachineInstances: [...(objects.virtualMachineInstances ?? []), ...virtualMachineInstances],
  }
}

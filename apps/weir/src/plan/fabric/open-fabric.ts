import type { Fabric } from '@weir/assessment'
import { WeirError } from '@weir/base'
import type { KubernetesObjects } from '@weir/estate'
import type { GlobalOptions } from '../../cli/session.ts'

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
    const [{ withSession }, { readFabric }] = await Promise.all([import('../../cli/in-session.ts'), import('./read-fabric.ts')])
    return await withSession(flags, (session) => readFabric(session, newcomers))
  }
  const [{ readDocument }, { parseProblem }] = await Promise.all([
    import('../../document/read-document.ts'),
    import('@weir/planner'),
  ])
  const document = await readDocument(problem, { code: 'PLAN_PROBLEM_INVALID', bytesMax: problemBytesMax })
  return { problem: parseProblem(document), plainSelector: {}, staysBecause: new Map(), findings: [] }
}

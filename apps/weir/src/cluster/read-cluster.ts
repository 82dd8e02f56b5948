import { apiVersionOf } from '@weir/api'
import { isWeirError, WeirError } from '@weir/base'
import {
  type Finding,
  finding,
  type KubernetesList,
  type KubernetesObjects,
  type KubernetesSource,
  parseKubernetesObjects,
} from '@weir/estate'
import type { Session } from '../cli/session.ts'
import { type ClusterList, clusterLists } from './cluster-lists.ts'

/** A cluster as it was read, and what of it could not be. */
export interface ClusterReading {
  readonly objects: KubernetesObjects
  /** How it is called; its findings name the lists that are missing and why. */
  readonly source: KubernetesSource
  /** Lists that the user may not read, each with its finding, which `source` has as well. */
  readonly denied: readonly DeniedList[]
}

/** A list that the user may not read, and the finding that tells it. */
interface DeniedList {
  readonly list: KubernetesList
  readonly finding: Finding
}

/** What is asked for. `namespace` alone, or all of them. */
interface ReadOptions {
  readonly namespace?: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * Lists what a cluster runs, page by page, and keeps of each object only what conclusions need. A list that the user may not read or
 * that the cluster does not serve becomes a finding.
 * @throws API_FORBIDDEN if no list may be read, API_NOT_FOUND if it is no cluster; CLIENT_UNREACHABLE and others as `Client`
 */
export async function readCluster(session: Session, { namespace, now }: ReadOptions): Promise<ClusterReading> {
  const { connection } = session
  const version = await versionOf(session)
  const lists = await Promise.all(clusterLists.map((list) => readList(session, list, namespace)))
  const [refused] = lists.flatMap(({ refusal }) => refusal ?? [])
  if (refused !== undefined && lists.every(({ objects }) => objects === undefined)) throw refused
  return {
    objects: Object.assign({}, ...lists.map(({ objects }) => objects)) as KubernetesObjects,
    denied: lists.flatMap(({ refusal, finding, list }) =>
      refusal === undefined || finding === undefined ? [] : { list, finding },
    ),
    source: {
      name: connection.context,
      location: connection.server,
      ...(version === undefined ? {} : { version }),
      collectedTime: new Date(now).toISOString(),
      findings: lists.flatMap(({ finding }) => finding ?? []),
    },
  }
}

/** Not everybody may ask for it, and nothing hangs on it. */
async function versionOf({ client, signal }: Session): Promise<string | undefined> {
  try {
    const answer = (await client.raw('GET', '/version', undefined, signal)) as { readonly gitVersion?: unknown } | undefined
    return typeof answer?.gitVersion === 'string' ? answer.gitVersion.slice(0, 100) : undefined
  } catch (error) {
    if (isWeirError(error, 'API_FORBIDDEN') || isWeirError(error, 'API_NOT_FOUND')) return undefined
    throw error
  }
}

interface ReadList {
  readonly list: KubernetesList
  readonly objects?: KubernetesObjects
  readonly finding?: Finding
  readonly refusal?: WeirError
}

async function readList(session: Session, wanted: ClusterList, namespace: string | undefined): Promise<ReadList> {
  const { list, kind, ifNotServed } = wanted
  const about = { kind: 'Missing', object: `sheet/${list}` } as const
  const kinds = `${kind.plural} (${apiVersionOf(kind)})`
  try {
    return { list, objects: { [list]: await listAll(session, wanted, namespace) } }
  } catch (error) {
    if (isWeirError(error, 'API_FORBIDDEN')) {
      const answer = error.message.slice(0, 300).replace(/\.$/u, '')
      return { list, refusal: error, finding: finding('list.denied', about, { kinds, answer }) }
    }
    if (list === 'podMetrics' && isWeirError(error, 'API_UNAVAILABLE'))
      return { list, finding: finding('list.noAnswer', about, { kinds }) }
    if (!isWeirError(error, 'API_NOT_FOUND')) throw error
    if (ifNotServed === 'Fail')
      throw new WeirError('API_NOT_FOUND', `${session.connection.server} serves no ${kind.plural}: it is no Kubernetes cluster`, {
        cause: error,
      })
    return ifNotServed === 'Pass' ? { list } : { list, finding: ifNotServed }
  }
}

const pageSize = 500

/** Every object of a list. Pages are of one moment; if that expires half-way, all is listed anew in one piece. */
async function listAll(
  { client, signal }: Session,
  { list, kind }: ClusterList,
  namespace: string | undefined,
): Promise<KubernetesObjects[KubernetesList]> {
  const options = { signal, ...(namespace === undefined || !kind.namespaced ? {} : { namespace }) }
  const kept: unknown[] = []
  let page = await client.list(kind, { ...options, limit: pageSize })
  kept.push(...parseKubernetesObjects(list, page.items))
  try {
    while (page.metadata.continue !== undefined && page.metadata.continue !== '') {
      page = await client.list(kind, { ...options, limit: pageSize, continue: page.metadata.continue })
      kept.push(...parseKubernetesObjects(list, page.items))
    }
  } catch (error) {
    if (!isWeirError(error, 'API_EXPIRED')) throw error
    return parseKubernetesObjects(list, (await client.list(kind, options)).items)
  }
  return kept as KubernetesObjects[KubernetesList]
}

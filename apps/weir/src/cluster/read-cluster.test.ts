import { createClient, type TransportRequest } from '@weir/client'
import { describe, expect, it } from 'vitest'
import type { Session } from '../cli/session.ts'
import { readCluster } from './read-cluster.ts'

/** What a server answers to a path with its query: a document, or a code of failure. */
type Answer = object | number

/** A session with a server that gives `answers` by path, later ones of a path for later requests; 404 for others. */
function sessionOf(answers: Readonly<Record<string, readonly Answer[]>>): {
  readonly session: Session
  readonly asked: string[]
} {
  const asked: string[] = []
  const turns = new Map<string, number>()
  const answerOf = (path: string): Answer => {
    const [plain = ''] = path.split('?')
    const turn = turns.get(plain) ?? 0
    turns.set(plain, turn + 1)
    const list = answers[plain] ?? [404]
    return list[Math.min(turn, list.length - 1)] ?? 404
  }
  const transport = {
    request: ({ path }: TransportRequest) => {
      asked.push(path)
      const answer = answerOf(path)
      const body = typeof answer === 'number' ? { kind: 'Status', code: answer, message: `the server says ${answer}` } : answer
      const code = typeof answer === 'number' ? answer : 200
      return Promise.resolve({ code, headers: {}, body: once(JSON.stringify(body)) })
    },
  }
  const connection = {
    context: 'prod',
    server: 'https://prod:6443',
    namespace: 'default',
    skipTlsVerify: false,
    path: '/kubeconfig',
  }
  const io = { out: () => {}, err: () => {}, isTerminal: false, environment: {} }
  const session = {
    connection,
    transport,
    client: createClient(transport),
    namespace: 'default',
    signal: new AbortController().signal,
    io,
  }
  return { session, asked }
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

const listOf = (names: readonly string[], more: object = {}): object => ({
  kind: 'List',
  metadata: { resourceVersion: '7', ...more },
  items: names.map((name) => ({ metadata: { name, annotations: { password: 'x' } } })),
})
const nodes = '/api/v1/nodes'
const pods = '/api/v1/pods'
const machines = '/apis/kubevirt.io/v1/virtualmachines'
const metrics = '/apis/metrics.k8s.io/v1beta1/pods'
const least = { '/version': [{ gitVersion: 'v1.35.0' }], [nodes]: [listOf(['n1'])], [pods]: [listOf(['p1'])] }

describe('a cluster', () => {
  it('is read as far as it serves lists, with its name, version and time', async () => {
    const { session } = sessionOf(least)
    expect(await readCluster(session, { now: 0 })).toEqual({
      objects: { nodes: [{ metadata: { name: 'n1' } }], pods: [{ metadata: { name: 'p1' } }] },
      denied: [],
      source: {
        name: 'prod',
        location: 'https://prod:6443',
        version: 'v1.35.0',
        collectedTime: '1970-01-01T00:00:00.000Z',
        findings: [expect.objectContaining({ kind: 'Missing', object: 'sheet/podMetrics' })],
      },
    })
  })

  it('is read page by page, and anew in one piece if a page expires', async () => {
    const first = listOf(['p1'], { continue: 'token' })
    const whole = sessionOf({ ...least, [pods]: [first, listOf(['p2'])] })
    expect((await readCluster(whole.session, { now: 0 })).objects.pods).toHaveLength(2)
    expect(whole.asked.filter((path) => path.startsWith(pods))).toEqual([`${pods}?limit=500`, `${pods}?limit=500&continue=token`])
    const expired = sessionOf({ ...least, [pods]: [first, 410, listOf(['p1', 'p2', 'p3'])] })
    expect((await readCluster(expired.session, { now: 0 })).objects.pods).toHaveLength(3)
    expect(expired.asked.filter((path) => path.startsWith(pods)).at(-1)).toBe(`${pods}?limit=500`)
  })

  it('is read in one namespace, but for what has none', async () => {
    const { session, asked } = sessionOf({ ...least, '/api/v1/namespaces/shop/pods': [listOf(['p1'])] })
    await readCluster(session, { now: 0, namespace: 'shop' })
    expect(asked.filter((path) => !path.includes('/namespaces/shop/'))).toEqual(['/version', `${nodes}?limit=500`])
  })

  it('tells lists that may not be read, and metrics that do not answer', async () => {
    const { session } = sessionOf({ ...least, '/version': [403], [machines]: [403], [metrics]: [503] })
    const { objects, denied, source } = await readCluster(session, { now: 0 })
    expect([Object.keys(objects), denied.map(({ list }) => list)]).toEqual([['nodes', 'pods'], ['virtualMachines']])
    expect(source.findings?.map(({ object, message }) => [object, message])).toEqual([
      [
        'sheet/virtualMachines',
        expect.stringMatching(/^The virtualmachines \(kubevirt\.io\/v1\) may not be listed, .* says: the server says 403\.$/u),
      ],
      ['sheet/podMetrics', expect.stringMatching(/does not answer for pods \(metrics\.k8s\.io\/v1beta1\)/u)],
    ])
  })

  it.each([
    ['none of whose lists may be read', { '/version': [403], ...forbidden() }, 'API_FORBIDDEN'],
    ['that is none', { '/version': [{}] }, 'API_NOT_FOUND'],
    ['that does not know who asks', { ...least, [pods]: [401] }, 'API_UNAUTHORIZED'],
    ['that is busy', { ...least, [pods]: [503] }, 'API_UNAVAILABLE'],
    ['that answers something else', { ...least, [nodes]: [{ hello: 'world' }] }, 'CLIENT_BAD_ANSWER'],
  ] as const)('%s is an error', async (_, answers, code) => {
    await expect(readCluster(sessionOf(answers).session, { now: 0 })).rejects.toMatchObject({ code })
  })
})

function forbidden(): Readonly<Record<string, readonly Answer[]>> {
  const kubevirt = ['virtualmachines', 'virtualmachineinstances', 'virtualmachineinstancemigrations']
  const all = [
    nodes,
    pods,
    metrics,
    ...kubevirt.map((plural) => `/apis/kubevirt.io/v1/${plural}`),
    '/apis/policy/v1/poddisruptionbudgets',
  ]
  return Object.fromEntries(all.map((path) => [path, [403]]))
}

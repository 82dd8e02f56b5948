import { type ConfigMap, configMap, type KubernetesObject } from '@weir/api'
import { type Logger, silentLogger } from '@weir/base'
import { countAbortListeners, createTestClock, settled, startTestApi, type TestApi, type TestClock } from '@weir/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createClient,
  createReflector,
  type Reflector,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from './index.ts'

let clock: TestClock
let api: TestApi
const stop = { current: new AbortController() }
beforeEach(async () => {
  clock = createTestClock()
  api = await startTestApi({ clock, random: () => 0.5 })
  stop.current = new AbortController()
})
afterEach(async () => {
  stop.current.abort(new Error('the test is over'))
  await settled()
  await api.close()
})

/** What the server does with a request; undefined: what it always does. */
type Answer = (request: TransportRequest) => Promise<TransportResponse> | undefined

/** A reflector of ConfigMaps in 'default', and the queries it has sent, with the times. */
function follow(answer: Answer = () => undefined, more: { readonly random?: () => number; readonly logger?: Logger } = {}) {
  const queries: URLSearchParams[] = []
  const times: number[] = []
  const heard: string[] = []
  const start = clock.now()
  const transport: Transport = {
    request: async (request) => {
      queries.push(new URLSearchParams(request.path.split('?')[1]))
      times.push(clock.now() - start)
      return (await answer(request)) ?? api.transport.request(request)
    },
  }
  const reflector = createReflector({
    client: createClient(transport),
    kind: configMap,
    clock,
    random: () => 0,
    logger: silentLogger,
    namespace: 'default',
    ...more,
  })
  reflector.cache.subscribe(({ kind, object }) => heard.push(`${kind} ${object.metadata.name}`))
  const ended = reflector.run(stop.current.signal)
  return { reflector, queries, times, heard, ended }
}

const aConfigMap = (name: string, namespace = 'default', labels = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, labels },
})
const make = (...names: readonly string[]): Promise<unknown> =>
  Promise.all(names.map((name) => api.client.create(configMap, aConfigMap(name))))
const unmake = (name: string): Promise<void> => api.client.delete(configMap, { namespace: 'default', name })
const namesIn = ({ cache }: Reflector<KubernetesObject>): readonly string[] =>
  cache
    .list()
    .map(({ metadata }) => metadata.name)
    .toSorted()

async function* bytes(...pieces: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece)
}
const reply = (code: number, ...pieces: readonly string[]): Promise<TransportResponse> =>
  Promise.resolve({ code, headers: {}, body: bytes(...pieces) })
const refuse = (code: number, reason: string): Promise<TransportResponse> =>
  reply(code, JSON.stringify({ kind: 'Status', status: 'Failure', reason, code, message: `the test says ${reason}` }))
/** Neither an answer nor an end, until the request is aborted. */
const hang = ({ signal }: TransportRequest): Promise<TransportResponse> =>
  new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))
const isStreamed = ({ path }: TransportRequest): boolean => path.includes('sendInitialEvents=true')
const isResumed = ({ path }: TransportRequest): boolean => path.includes('resourceVersion=')

/** A cable to the server that can be pulled, and plugged in again. */
function aCable() {
  let pulled = new AbortController()
  const carry: Answer = (request) => {
    if (pulled.signal.aborted) return Promise.reject(new Error('no route'))
    const signal = request.signal === undefined ? pulled.signal : AbortSignal.any([request.signal, pulled.signal])
    return api.transport.request({ ...request, signal })
  }
  return {
    carry,
    pull: () => pulled.abort(new Error('cable pulled')),
    plug: () => {
      pulled = new AbortController()
    },
  }
}

describe('createReflector', () => {
  it('lists and watches in one request', async () => {
    await make('a', 'b')
    const { reflector, queries, heard } = follow()
    await settled()
    expect([reflector.synced(), namesIn(reflector)]).toEqual([true, ['a', 'b']])
    await make('c')
    await unmake('a')
    await settled()
    expect(heard).toEqual(['Put a', 'Put b', 'Put c', 'Delete a'])
    expect(queries).toHaveLength(1)
  })

  it('lists in pages, from then on, if the server does not begin watches with a list', async () => {
    await make('a')
    const { reflector, queries, times } = follow((request) => (isStreamed(request) ? refuse(422, 'Invalid') : undefined))
    await settled()
    expect(namesIn(reflector)).toEqual(['a'])
    expect(queries.map((query) => [query.get('limit'), query.get('watch')])).toEqual([
      [null, 'true'],
      ['500', null],
      [null, 'true'],
    ])
    expect(times).toEqual([0, 0, 0])
  })

  it('lists in pages if the server leaves it waiting for the end of the list', async () => {
    await make('a')
    const { reflector } = follow((request) =>
      isStreamed(request)
        ? api.transport.request({ ...request, path: request.path.replace(/&sendInitialEvents.*$/u, '') })
        : undefined,
    )
    await settled()
    expect(reflector.synced()).toBe(false)
    await clock.advance(121_000)
    expect([reflector.synced(), namesIn(reflector)]).toEqual([true, ['a']])
  })

  it('follows only what it was asked for', async () => {
    await api.client.create(configMap, aConfigMap('a', 'default', { app: 'web' }))
    await api.client.create(configMap, aConfigMap('b', 'default'))
    await api.client.create(configMap, aConfigMap('c', 'kube-system', { app: 'web' }))
    const reflector = createReflector({
      client: api.client,
      kind: configMap,
      clock,
      random: () => 0,
      logger: silentLogger,
      labelSelector: 'app=web',
    })
    void reflector.run(stop.current.signal)
    await settled()
    expect(namesIn(reflector)).toEqual(['a', 'c'])
    await api.client.patch(
      configMap,
      { namespace: 'default', name: 'a' },
      { type: 'merge', body: { metadata: { labels: { app: 'db' } } } },
    )
    await settled()
    expect(namesIn(reflector)).toEqual(['c'])
  })
})

describe('a reflector that was cut off', () => {
  it('resumes where it was, without a list, and misses nothing', async () => {
    const cable = aCable()
    const { reflector, queries, heard } = follow(cable.carry)
    await make('a')
    await settled()
    cable.pull()
    await make('b')
    await unmake('a')
    await settled()
    expect(heard).toEqual(['Put a'])
    cable.plug()
    await clock.advance(200)
    expect(heard).toEqual(['Put a', 'Put b', 'Delete a'])
    expect(queries.map((query) => query.has('sendInitialEvents'))).toEqual([true, false])
    expect(namesIn(reflector)).toEqual(['b'])
  })

  it('lists again when the server has forgotten where it was, and sees what went meanwhile', async () => {
    const cable = aCable()
    await make('a', 'b')
    const { reflector, queries, heard } = follow(cable.carry)
    await settled()
    cable.pull()
    await unmake('a')
    await make('c')
    await api.log.compact(api.log.head())
    cable.plug()
    await clock.advance(1000)
    expect(heard.slice(2)).toEqual(['Put c', 'Delete a'])
    expect(namesIn(reflector)).toEqual(['b', 'c'])
    expect(queries.map((query) => query.has('sendInitialEvents'))).toEqual([true, false, true])
  })

  it('resumes from a bookmark, though what it was told last has been forgotten', async () => {
    const cable = aCable()
    const { queries } = follow(cable.carry)
    await make('a')
    await api.client.create(configMap, aConfigMap('elsewhere', 'kube-system'))
    await clock.advance(61_000)
    const bookmarked = api.log.head()
    await api.log.compact(bookmarked)
    cable.pull()
    await settled()
    cable.plug()
    await clock.advance(1000)
    const resumed = queries.slice(1).map((query) => `${query.get('resourceVersion')} ${query.has('sendInitialEvents')}`)
    expect(new Set(resumed)).toEqual(new Set([`${bookmarked} false`]))
  })

  it('waits longer after each failure, up to half a minute, and less by chance', async () => {
    const always = follow(() => Promise.reject(new Error('no route')))
    await clock.advance(120_000)
    const gaps = always.times.slice(1).map((time, at) => time - (always.times[at] ?? 0))
    expect(gaps).toEqual([200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000])
    const lucky = follow(() => Promise.reject(new Error('no route')), { random: () => 0.999 })
    await clock.advance(300)
    expect(lucky.times).toEqual([0, 100, 300])
  })

  it('begins with short waits again once the server has spoken', async () => {
    let isDown = true
    const { times } = follow(() => (isDown ? Promise.reject(new Error('no route')) : undefined))
    await clock.advance(7000)
    isDown = false
    await clock.advance(10_000)
    await make('a')
    await settled()
    const before = times.length
    isDown = true
    await clock.advance(300_000)
    expect(times.slice(before, before + 3).map((time) => time - (times[before] ?? 0))).toEqual([0, 200, 600])
  })

  it('does not hammer a server that ends every watch at once', async () => {
    const cable = aCable()
    const { times } = follow((request) => (isResumed(request) ? reply(200) : cable.carry(request)))
    await settled()
    cable.pull()
    await clock.advance(60_000)
    expect(times.slice(1)).toEqual([200, 600, 1400, 3000, 6200, 12_600, 25_400, 51_000])
  })

  it.each<[string, Answer]>([
    ['an error inside the server', () => refuse(500, 'InternalError')],
    ['a page of a proxy', () => reply(502, '<html>Bad Gateway</html>')],
    ['a page of a proxy that says 200', () => reply(200, '<html>Welcome</html>\n')],
    ['an answer that is null', () => reply(200, 'null\n')],
    ['events without a version', () => reply(200, '{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n')],
    [
      'a deletion in the middle of a list',
      () => reply(200, '{"type":"DELETED","object":{"metadata":{"name":"a","resourceVersion":"1"}}}\n'),
    ],
    [
      'a list that ends in the middle',
      () => reply(200, '{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"1"}}}\n'),
    ],
    [
      'a list without a version',
      (request) => (isStreamed(request) ? refuse(400, 'BadRequest') : reply(200, '{"metadata":{},"items":[]}')),
    ],
    ['something that is no list', (request) => (isStreamed(request) ? refuse(400, 'BadRequest') : reply(200, '{"metadata":{}}'))],
    ['an unknown user', () => refuse(401, 'Unauthorized')],
    ['a refusal', () => refuse(403, 'Forbidden')],
    ['throttling', () => refuse(429, 'TooManyRequests')],
    ['no answer at all', hang],
    ['a failure that is no Error', () => Promise.reject('thrown')],
  ])('comes back after an hour of %s', async (_name, answer) => {
    let isBad = true
    await make('a', 'b')
    const { reflector, ended } = follow((request) => (isBad ? answer(request) : undefined))
    await clock.advance(3_600_000)
    expect(reflector.synced()).toBe(false)
    isBad = false
    await clock.advance(300_000)
    expect(namesIn(reflector)).toEqual(['a', 'b'])
    await make('c')
    await settled()
    expect(namesIn(reflector)).toEqual(['a', 'b', 'c'])
    stop.current.abort()
    await ended
  })

  it.each<[string, Answer]>([
    ['an error inside the server', () => refuse(500, 'InternalError')],
    ['a connection that is open at one end only', hang],
    ['events that are cut short', () => reply(200, '{"type":"ADD')],
    ['no route', () => Promise.reject(new Error('no route'))],
  ])('keeps what it has, and comes back after an hour of %s', async (_name, answer) => {
    await make('a', 'b')
    let isBad = false
    const { reflector } = follow((request) => (isBad ? answer(request) : undefined))
    await settled()
    isBad = true
    await clock.advance(3_600_000)
    expect(namesIn(reflector)).toEqual(['a', 'b'])
    await unmake('a')
    isBad = false
    await clock.advance(600_000)
    expect(namesIn(reflector)).toEqual(['b'])
  })

  it('gives a version up that the server does not reach', async () => {
    await make('a')
    let isBehind = false
    const { reflector, queries } = follow((request) => (isBehind && isResumed(request) ? refuse(504, 'Timeout') : undefined))
    await settled()
    isBehind = true
    await clock.advance(600_000)
    const asked = queries.map((query) => (query.has('sendInitialEvents') ? 'list' : 'resume'))
    expect(asked.slice(0, 8)).toEqual(['list', 'resume', 'resume', 'resume', 'resume', 'resume', 'resume', 'list'])
    expect(reflector.cache.isAt(reflector.cache.mark(String(api.log.head())))).toBe(true)
  })

  it('leaves the history of a server that was set back', async () => {
    await make('a', 'b', 'c', 'd', 'e', 'f')
    await unmake('f')
    const restored = await startTestApi({ clock })
    await restored.client.create(configMap, aConfigMap('restored'))
    expect(restored.log.head()).toBeLessThan(api.log.head())
    let isRestored = false
    const { reflector } = follow((request) => (isRestored ? restored.transport.request(request) : undefined))
    await settled()
    const mark = reflector.cache.mark(String(api.log.head() + 1))
    isRestored = true
    // Until the next watch begins, and its first bookmark comes.
    await clock.advance(600_000)
    expect(namesIn(reflector)).toEqual(['restored'])
    expect(reflector.cache.isAt(mark)).toBe(true)
    stop.current.abort()
    await settled()
    await restored.close()
  })
})

describe('what a reflector tells of itself', () => {
  it('says how long ago the server was heard', async () => {
    let isDown = false
    const { reflector } = follow((request) => (isDown ? hang(request) : undefined))
    expect(reflector.lastEventAgeMillis()).toBeUndefined()
    await settled()
    expect(reflector.lastEventAgeMillis()).toBe(0)
    await clock.advance(59_000)
    expect(reflector.lastEventAgeMillis()).toBe(59_000)
    // The server's bookmark.
    await clock.advance(2_000)
    expect(reflector.lastEventAgeMillis()).toBe(1_000)
    await make('a')
    await settled()
    expect(reflector.lastEventAgeMillis()).toBe(0)
    isDown = true
    await clock.advance(3_600_000)
    expect(reflector.lastEventAgeMillis()).toBeGreaterThan(3_000_000)
  })

  it('resolves whenSynced with the first list or the abort, and leaves no listener', async () => {
    let isDown = true
    const { reflector } = follow(() => (isDown ? Promise.reject(new Error('no route')) : undefined))
    const patient = new AbortController()
    const impatient = new AbortController()
    const order: string[] = []
    const waiting = [
      reflector.whenSynced(patient.signal).then(() => order.push('patient')),
      reflector.whenSynced(impatient.signal).then(() => order.push('impatient')),
      reflector.whenSynced(AbortSignal.abort()).then(() => order.push('aborted before')),
    ]
    await settled()
    impatient.abort()
    await settled()
    expect(order).toEqual(['aborted before', 'impatient'])
    isDown = false
    await clock.advance(1000)
    await Promise.all(waiting)
    await reflector.whenSynced(patient.signal)
    expect(order).toEqual(['aborted before', 'impatient', 'patient'])
    expect(countAbortListeners(patient.signal)).toBe(0)
  })

  it('logs each interruption once: what is expected as information, what is not with the error', async () => {
    const lines: string[] = []
    const logger: Logger = {
      info: (message) => lines.push(`info ${message}`),
      warn: (message, fields) => lines.push(`warn ${message} ${String(fields?.['code'])}`),
      error: (message, error) => lines.push(`error ${message} ${String(error)}`),
    }
    const answers = [() => refuse(410, 'Expired'), () => refuse(403, 'Forbidden')]
    const { reflector } = follow(() => answers.shift()?.(), { logger })
    await clock.advance(1000)
    expect(reflector.synced()).toBe(true)
    expect(lines).toEqual([
      'info The watch is too far behind; listing again',
      'warn Following a kind was interrupted API_FORBIDDEN',
    ])
  })

  it('ends at once when it is told to, and leaves nothing asleep', async () => {
    const { ended } = follow()
    await settled()
    expect(clock.sleepers()).toBeGreaterThan(0)
    stop.current.abort()
    await ended
    await settled()
    expect(clock.sleepers()).toBe(0)
    expect(countAbortListeners(stop.current.signal)).toBe(0)
  })

  it('ends while it waits to try again', async () => {
    const { ended } = follow(() => Promise.reject(new Error('no route')))
    await clock.advance(20_000)
    stop.current.abort()
    await ended
    expect(clock.sleepers()).toBe(0)
  })
})

import { validateHeaderValue } from 'node:http'
import type { KubernetesObject, Status } from '@weir/api'
import { startTestApi, type TestApi } from '@weir/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi()
})
afterEach(async () => {
  await api.close()
})

type Answer = KubernetesObject & Partial<Omit<Status, keyof KubernetesObject>> & { readonly items?: readonly KubernetesObject[] }

async function ask(method: string, path: string, body?: unknown, type = 'application/json') {
  const answer = await api.transport.request({
    method,
    path,
    headers: { 'content-type': type },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  let text = ''
  for await (const piece of answer.body) text += Buffer.from(piece).toString()
  return { http: answer.code, headers: answer.headers, ...(JSON.parse(text) as Answer) }
}

const maps = '/api/v1/namespaces/default/configmaps'
const claims = '/api/v1/namespaces/default/persistentvolumeclaims'
const disks = '/apis/cdi.kubevirt.io/v1beta1/namespaces/default/datavolumes'
const resources = { requests: { storage: '1Gi' } }
const machines = '/apis/kubevirt.io/v1/namespaces/default/virtualmachines'
const map = (name: string, more: object = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...more })
const machine = (name: string, more: object = {}) => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name },
  spec: { runStrategy: 'Halted', template: { spec: { domain: { devices: {} } } } },
  ...more,
})

describe('what a request may say', () => {
  it.each<[string, [method: string, path: string, body: unknown], number]>([
    ['dryRun of parts', ['POST', `${maps}?dryRun=Some`, map('a')], 400],
    ['an unknown field validation', ['POST', `${maps}?fieldValidation=Hard`, map('a')], 400],
    ['an unknown policy of deletion', ['DELETE', `${maps}/there`, { propagationPolicy: 'Explode' }], 400],
    ['dryRun of parts in the body', ['DELETE', `${maps}/there`, { dryRun: ['Some'] }], 400],
    ['nothing in the body', ['POST', maps, undefined], 400],
    ['a list in the body', ['POST', maps, []], 400],
    ['a text in the body', ['POST', maps, '"x"'], 400],
    ['metadata that is no object', ['POST', maps, { metadata: 'x' }], 400],
    ['another kind', ['POST', maps, { ...map('a'), kind: 'Secret' }], 400],
    ['another namespace', ['POST', maps, { metadata: { name: 'a', namespace: 'kube-system' } }], 400],
    ['a namespace of a kind that has none', ['POST', '/api/v1/nodes', { metadata: { name: 'a', namespace: 'default' } }], 400],
    ['a resourceVersion of what is not there yet', ['POST', maps, { metadata: { name: 'a', resourceVersion: '1' } }], 400],
    ['no name', ['POST', maps, { metadata: {} }], 422],
    ['a claim of no size', ['POST', claims, { metadata: { name: 'a' }, spec: { accessModes: ['ReadWriteOnce'] } }], 422],
    ['a claim without access modes', ['POST', claims, { metadata: { name: 'a' }, spec: { resources } }], 422],
    [
      'an access mode that there is not',
      ['POST', claims, { metadata: { name: 'a' }, spec: { accessModes: ['Any'], resources } }],
      422,
    ],
    ['a disk of no size', ['POST', disks, { metadata: { name: 'a' }, spec: { source: { blank: {} }, storage: {} } }], 422],
    ['a name in the path of a creation', ['POST', `${maps}/a`, map('a')], 405],
    ['no name in the path of an update', ['PUT', maps, map('a')], 405],
    ['a method that there is not', ['TRACE', maps, undefined], 405],
    ['a name that differs from the path', ['PUT', `${maps}/there`, map('other')], 400],
    ['an update of what is not there', ['PUT', `${maps}/none`, map('none')], 404],
    ['an update by another uid', ['PUT', `${maps}/there`, { metadata: { name: 'there', uid: 'x' } }], 409],
    ['a status of a kind that has none', ['GET', `${maps}/there/status`, undefined], 404],
    ['what follows a subresource', ['GET', `${machines}/a/status/more`, undefined], 404],
    ['a deletion of a subresource', ['DELETE', `${machines}/a/status`, undefined], 405],
    ['all namespaces as place of a creation', ['POST', '/api/v1/configmaps', map('a')], 400],
    ['all namespaces as place of a deletion', ['DELETE', '/api/v1/configmaps', undefined], 405],
    ['a deletion of all namespaces', ['DELETE', '/api/v1/namespaces', undefined], 405],
    ['a cluster-scoped kind in a namespace', ['GET', '/api/v1/namespaces/default/nodes', undefined], 404],
    ['a state of the future', ['GET', `${maps}/there?resourceVersion=9999`, undefined], 504],
    ['a namespace that nobody may delete', ['DELETE', '/api/v1/namespaces/default', undefined], 403],
  ])('%s', async (_, [method, path, body], code) => {
    await ask('POST', maps, map('there'))
    const before = (await ask('GET', '/api/v1/configmaps')).metadata.resourceVersion
    const answer = await ask(method, path, body)
    expect([answer.http, answer.kind, answer.code]).toEqual([code, 'Status', code])
    expect((await ask('GET', '/api/v1/configmaps')).metadata.resourceVersion).toBe(before)
  })

  it('warns of keys that stand twice, and refuses them when it is strict', async () => {
    const twice = '{"metadata":{"name":"a"},"data":{"x":"1","x":"2"}}'
    const strict = await ask('POST', `${maps}?fieldValidation=Strict`, twice)
    expect([strict.http, strict.message]).toEqual([400, 'strict decoding error: duplicate field "data.x"'])
    expect((await ask('POST', maps, twice)).headers['warning']).toBe('299 - "duplicate field \\"data.x\\""')
    expect((await ask('PUT', `${maps}/a?fieldValidation=Ignore`, twice)).headers['warning']).toBeUndefined()
  })

  it.each(['colour', 'färbe', '颜色', '🎨', 'a\r\nx: y', '\u007f', 'x'.repeat(100_000), '🎨'.repeat(100_000)])(
    'warns of any unknown field in a header that can be sent: %.12s',
    async (field) => {
      const answer = await ask('POST', maps, map('a', { [field]: 1 }))
      expect(answer.http).toBe(201)
      const header = answer.headers['warning'] ?? ''
      expect(() => validateHeaderValue('warning', header)).not.toThrow()
      expect(header.length).toBeLessThan(1200)
      const text = Buffer.from(header, 'latin1').toString('utf8')
      expect(text.startsWith('299 - "unknown field')).toBe(true)
      if (/^\p{L}+$/u.test(field) && field.length < 256) expect(text).toBe(`299 - "unknown field \\"${field}\\""`)
    },
  )

  it('warns of twenty fields at most', async () => {
    const unknown = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`field-${index}`, 1]))
    const { headers } = await ask('POST', maps, map('a', unknown))
    expect(headers['warning']?.match(/unknown field/gu)).toHaveLength(20)
  })

  it('asks for the version of a custom object that is replaced', async () => {
    await ask('POST', machines, machine('a'))
    const blind = await ask('PUT', `${machines}/a`, machine('a'))
    expect([blind.http, blind.details?.causes?.[0]?.field]).toEqual([422, 'metadata.resourceVersion'])
    const { metadata } = await ask('GET', `${machines}/a`)
    expect((await ask('PUT', `${machines}/a`, machine('a', { metadata }))).http).toBe(200)
  })
})

describe('deletions', () => {
  it('of many: those that are selected, of one namespace, each by its own rules', async () => {
    for (const [name, tier] of [
      ['a', 'web'],
      ['b', 'db'],
      ['c', 'web'],
    ] as const)
      await ask('POST', maps, map(name, { metadata: { name, labels: { tier } } }))
    await ask('POST', maps, map('held', { metadata: { name: 'held', labels: { tier: 'web' }, finalizers: ['example.com/x'] } }))
    await ask('POST', '/api/v1/namespaces/kube-system/configmaps', map('a', { metadata: { name: 'a', labels: { tier: 'web' } } }))
    const names = async () => (await ask('GET', '/api/v1/configmaps')).items?.map(({ metadata }) => metadata.name)
    await ask('DELETE', `${maps}?labelSelector=tier=web&dryRun=All`)
    expect(await names()).toEqual(['a', 'b', 'c', 'held', 'a'])
    expect(await ask('DELETE', `${maps}?labelSelector=tier=web`)).toMatchObject({ http: 200, status: 'Success' })
    expect(await names()).toEqual(['b', 'held', 'a'])
    expect((await ask('GET', `${maps}/held`)).metadata.deletionTimestamp).toBeDefined()
  })

  it('say what was deleted, and by dry run delete nothing', async () => {
    const { metadata } = await ask('POST', maps, map('a'))
    for (const body of [undefined, { dryRun: ['All'] }]) {
      const answer = await ask('DELETE', `${maps}/a${body === undefined ? '?dryRun=All' : ''}`, body)
      expect(answer).toMatchObject({
        http: 200,
        status: 'Success',
        details: { name: 'a', kind: 'configmaps', uid: metadata.uid },
      })
    }
    expect((await ask('GET', `${maps}/a`)).http).toBe(200)
  })

  it('wait for what was asked of them: the version, orphaned dependents', async () => {
    await ask('POST', maps, map('a'))
    expect((await ask('DELETE', `${maps}/a`, { preconditions: { resourceVersion: '1' } })).http).toBe(409)
    const marked = await ask('DELETE', `${maps}/a`, { orphanDependents: true })
    expect(marked.metadata.finalizers).toEqual(['orphan'])
    const again = await ask('DELETE', `${maps}/a?propagationPolicy=Foreground`)
    expect(again.metadata).toEqual(marked.metadata)
    const held = await ask(
      'PATCH',
      `${maps}/a`,
      { metadata: { finalizers: ['orphan', 'example.com/new'] } },
      'application/merge-patch+json',
    )
    expect([held.http, held.details?.causes?.[0]?.field]).toEqual([422, 'metadata.finalizers'])
  })
})

describe('patches', () => {
  const patch = (type: string, body: unknown) => ask('PATCH', `${maps}/a`, body, `application/${type}-patch+json`)
  beforeEach(async () => {
    await ask('POST', maps, map('a', { data: { x: '1', y: '2' } }))
  })
  it.each<[string, string, unknown, number]>([
    ['a JSON patch that is no list', 'json', {}, 400],
    ['a JSON patch without a path', 'json', [{ op: 'add', value: 1 }], 400],
    ['a JSON patch of a prototype', 'json', [{ op: 'add', path: '/__proto__/x', value: 1 }], 400],
    ['a JSON patch of a constructor', 'json', [{ op: 'add', path: '/data/constructor', value: '1' }], 400],
    ['a JSON patch whose test fails', 'json', [{ op: 'test', path: '/data/x', value: '2' }], 422],
    ['a JSON patch of what is not there', 'json', [{ op: 'remove', path: '/data/z' }], 422],
    ['a JSON patch of an unknown kind', 'json', [{ op: 'increase', path: '/data/x' }], 422],
    [
      'a JSON patch with too many parts',
      'json',
      Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/kind', value: 'ConfigMap' })),
      413,
    ],
    ['a merge patch that is no object', 'merge', [], 400],
    ['a merge patch of the name', 'merge', { metadata: { name: 'b' } }, 400],
    ['a merge patch on an old version', 'merge', { metadata: { resourceVersion: '1' }, data: { x: '3' } }, 409],
    ['a merge patch that breaks the schema', 'merge', { data: { x: 1 } }, 422],
    ['a strategic patch that is a text', 'strategic-merge', '"x"', 400],
    ['a kind of patch that there is not', 'magic', {}, 415],
  ])('refuses %s and changes nothing', async (_, type, body, code) => {
    expect((await patch(type, body)).http).toBe(code)
    expect(await ask('GET', `${maps}/a`)).toMatchObject({ data: { x: '1', y: '2' } })
  })

  it('drops, adds and moves', async () => {
    expect(await patch('merge', { data: { x: null, z: '3' } })).toMatchObject({ data: { y: '2', z: '3' } })
    expect(await patch('json', [{ op: 'move', from: '/data/y', path: '/data/w' }])).toMatchObject({ data: { w: '2', z: '3' } })
    expect(await patch('strategic-merge', { data: { $patch: 'replace', v: '1' } })).toMatchObject({ data: { v: '1' } })
  })

  it('refuses strategic patches of custom objects', async () => {
    await ask('POST', machines, machine('a'))
    expect((await ask('PATCH', `${machines}/a`, {}, 'application/strategic-merge-patch+json')).http).toBe(415)
  })
})

describe('subresources', () => {
  it('status: replaced and patched apart from all else', async () => {
    const made = await ask('POST', machines, machine('a'))
    const replaced = await ask(
      'PUT',
      `${machines}/a/status`,
      machine('a', { spec: { runStrategy: 'Always' }, status: { ready: true } }),
    )
    expect(replaced).toMatchObject({ http: 200, spec: { runStrategy: 'Halted' }, status: { ready: true } })
    expect(replaced.metadata.generation).toBe(made.metadata.generation)
    expect((await ask('GET', `${machines}/a/status`)).metadata.resourceVersion).toBe(replaced.metadata.resourceVersion)
  })

  it('finalize: the finalizers of a namespace alone', async () => {
    const { metadata } = await ask('POST', '/api/v1/namespaces', { metadata: { name: 'n' } })
    const body = { metadata: { ...metadata, labels: { x: 'y' } }, spec: { finalizers: ['kubernetes', 'example.com/more'] } }
    const finalized = await ask('PUT', '/api/v1/namespaces/n/finalize', body)
    expect(finalized).toMatchObject({ http: 200, spec: { finalizers: ['kubernetes', 'example.com/more'] } })
    expect(finalized.metadata.labels).toEqual(metadata.labels)
    const updated = await ask('PUT', '/api/v1/namespaces/n', { metadata: { name: 'n' }, spec: { finalizers: [] } })
    expect(updated).toMatchObject({ spec: { finalizers: ['kubernetes', 'example.com/more'] } })
  })
})

describe('many writers', () => {
  it('patching one object all get through, each once', async () => {
    await ask('POST', maps, map('a', { data: {} }))
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        ask('PATCH', `${maps}/a`, { data: { [`k${i}`]: 'x' } }, 'application/merge-patch+json'),
      ),
    )
    expect(answers.map(({ http }) => http)).toEqual([200, 200, 200, 200, 200, 200])
    expect(Object.keys(((await ask('GET', `${maps}/a`)) as unknown as { data: object }).data)).toHaveLength(6)
  })

  it('replacing one version of an object: one gets through', async () => {
    const { metadata } = await ask('POST', maps, map('a'))
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) => ask('PUT', `${maps}/a`, map('a', { metadata, data: { i: String(i) } }))),
    )
    expect(answers.map(({ http }) => http).toSorted()).toEqual([200, 409, 409, 409, 409, 409])
  })

  it('creating under one name: one gets through; by generateName all do', async () => {
    const same = await Promise.all(Array.from({ length: 6 }, () => ask('POST', maps, map('same'))))
    expect(same.map(({ http }) => http).toSorted()).toEqual([201, 409, 409, 409, 409, 409])
    const made = await Promise.all(Array.from({ length: 50 }, () => ask('POST', maps, { metadata: { generateName: 'm-' } })))
    expect(new Set(made.map(({ metadata }) => metadata.name)).size).toBe(50)
  })
})

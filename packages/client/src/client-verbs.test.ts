import { type ConfigMap, configMap, dataVolume, type Node, node, virtualMachine } from '@weir/api'
import { startTestApi, type TestApi } from '@weir/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi()
})
afterEach(async () => api.close())

const aConfigMap = (name: string): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { a: '1' },
})

it('makes, reads, replaces and deletes an object of a namespace', async () => {
  const { client } = api
  const made = await client.create(configMap, aConfigMap('a'))
  const replaced = await client.update(configMap, { ...made, data: { a: '2' } })
  expect(await client.get(configMap, made.metadata)).toEqual(replaced)
  await expect(client.update(configMap, { ...made, data: {} })).rejects.toMatchObject({ code: 'API_CONFLICT' })
  await client.delete(configMap, made.metadata)
  await expect(client.get(configMap, made.metadata)).rejects.toMatchObject({ code: 'API_NOT_FOUND' })
})

it('replaces the status of an object of the cluster, and nothing else with it', async () => {
  const { client } = api
  const made = await client.create(node, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } })
  const wanted: Node = { ...made, spec: { unschedulable: true }, status: { capacity: { cpu: '4' } } }
  const replaced = await client.updateStatus(node, wanted)
  expect([replaced.spec?.unschedulable, replaced.status?.capacity]).toEqual([undefined, { cpu: '4' }])
})

it('patches by RFC 7386 and by RFC 6902', async () => {
  const { client } = api
  const { metadata } = await client.create(configMap, aConfigMap('a'))
  const merged = await client.patch(configMap, metadata, { type: 'merge', body: { data: { a: null, b: '2' } } })
  expect(merged.data).toEqual({ b: '2' })
  const operations = [{ op: 'move', from: '/data/b', path: '/data/c' }]
  expect((await client.patch(configMap, metadata, { type: 'json', body: operations })).data).toEqual({ c: '2' })
})

it('deletes only what it was meant to', async () => {
  const { client } = api
  const { metadata } = await client.create(configMap, aConfigMap('a'))
  const { uid = '', resourceVersion = '' } = metadata
  await expect(client.delete(configMap, metadata, { uid: 'another' })).rejects.toMatchObject({ code: 'API_CONFLICT' })
  await expect(client.delete(configMap, metadata, { resourceVersion: '1' })).rejects.toMatchObject({ code: 'API_CONFLICT' })
  await client.delete(configMap, metadata, { uid, resourceVersion, gracePeriodSeconds: 0, propagationPolicy: 'Foreground' })
  expect((await client.get(configMap, metadata)).metadata.finalizers).toEqual(['foregroundDeletion'])
})

it('lists one page if it is asked for a limit, else everything', async () => {
  const { client } = api
  await Promise.all(['a', 'b', 'c'].map((name) => client.create(configMap, aConfigMap(name))))
  const page = await client.list(configMap, { namespace: 'default', limit: 2 })
  expect(page.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b'])
  const rest = await client.list(configMap, { namespace: 'default', limit: 2, continue: page.metadata.continue ?? '' })
  expect(rest.items.map(({ metadata }) => metadata.name)).toEqual(['c'])
  expect((await client.list(configMap, { fieldSelector: 'metadata.name=b' })).items).toHaveLength(1)
  expect((await client.list(virtualMachine)).items).toEqual([])
})

it('asks for any path', async () => {
  expect(await api.client.raw('GET', '/version')).toMatchObject({ major: '1' })
  const path = '/api/v1/namespaces/default/configmaps'
  expect(await api.client.raw('POST', path, aConfigMap('raw'))).toMatchObject({ metadata: { name: 'raw' } })
})

it('tells which fields are wrong', async () => {
  const object = {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: { name: 'dv', namespace: 'default' },
    spec: 3,
  }
  await expect(api.client.create(dataVolume, object as never)).rejects.toMatchObject({
    code: 'API_INVALID',
    causes: [{ field: 'spec' }],
  })
})

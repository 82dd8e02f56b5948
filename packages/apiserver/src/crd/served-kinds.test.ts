import { crdOf, type KindDefinition, type KubernetesObject, type Schema } from '@weir/api'
import { eventually, startTestApi, type TestApi } from '@weir/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

interface Widget extends KubernetesObject {
  readonly spec?: object
  readonly status?: object
}
const kind = (version: string, spec: Schema, more: Partial<KindDefinition<Widget>> = {}): KindDefinition<Widget> => ({
  group: 'example.dev',
  version,
  kind: 'Widget',
  plural: 'widgets',
  singular: 'widget',
  namespaced: true,
  statusSubresource: true,
  schema: { type: 'object', properties: { spec, status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } },
  ...more,
})
const text: Schema = { type: 'string' }
const narrow: Schema = { type: 'object', properties: { size: text, colour: text } }
const wide: Schema = { type: 'object', properties: { size: { ...text, default: 'L' }, shape: { ...text, default: 'round' } } }
const v1 = kind('v1', narrow)

/** A definition of several versions, the first the one that is stored. */
function definitionOf(...versions: readonly KindDefinition<Widget>[]) {
  const definitions = versions.map((version) => crdOf(version as KindDefinition))
  const [first] = definitions
  if (first === undefined) throw new Error('at least one version')
  const all = definitions.flatMap(({ spec }, index) => spec.versions.map((version) => ({ ...version, storage: index === 0 })))
  return { ...first, spec: { ...first.spec, versions: all } }
}

let api: TestApi
beforeEach(async () => {
  api = await startTestApi()
})
afterEach(async () => {
  await api.close()
})

const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
async function define(...versions: readonly KindDefinition<Widget>[]): Promise<void> {
  const definition = definitionOf(...versions)
  const there = await api.client.raw('GET', `${path}/widgets.example.dev`).catch(() => undefined)
  if (there === undefined) await api.client.raw('POST', path, definition)
  else await api.client.raw('PUT', `${path}/widgets.example.dev`, { ...(there as object), spec: definition.spec })
  await api.server.housekeeping.settle()
}
const key = { namespace: 'default', name: 'w' }
const aWidget = (spec: object): Widget => ({ apiVersion: 'example.dev/v1', kind: 'Widget', metadata: key, spec })
const read = async (definition = v1) => (await api.client.get(definition, key)).spec

describe('a schema that changes', () => {
  it('shows what was written before by its fields and defaults, in every way of reading', async () => {
    await define(v1)
    const { metadata } = await api.client.create(v1, aWidget({ size: 'S', colour: 'red' }))
    await api.client.create(v1, { ...aWidget({ colour: 'blue' }), metadata: { namespace: 'default', name: 'x' } })
    await define(kind('v1', wide))
    expect(await read()).toEqual({ size: 'S', shape: 'round' })
    const { items } = await api.client.list(v1)
    expect(items.map(({ spec }) => spec)).toEqual([
      { size: 'S', shape: 'round' },
      { size: 'L', shape: 'round' },
    ])
    expect(items[0]?.metadata).toEqual(metadata)
    const signal = AbortSignal.timeout(20_000)
    const events: Widget[] = []
    for await (const { object } of api.client.watch(v1, { resourceVersion: '0', signal })) if (events.push(object) === 2) break
    expect(events.map(({ spec }) => spec)).toEqual(items.map(({ spec }) => spec))
  })

  it('writes nothing when an update changes nothing but what is shown already', async () => {
    await define(v1)
    await api.client.create(v1, aWidget({ size: 'S' }))
    await define(kind('v1', wide))
    const shown = await api.client.get(v1, key)
    expect((await api.client.update(v1, shown)).metadata.resourceVersion).toBe(shown.metadata.resourceVersion)
    const { spec } = await api.client.patch(v1, key, { type: 'merge', body: { spec: { size: 'M' } } })
    expect(spec).toEqual({ size: 'M', shape: 'round' })
  })
})

describe('versions', () => {
  const v1beta1 = kind('v1beta1', wide)

  it('show the same objects, each by its own schema', async () => {
    await define(v1, v1beta1)
    await api.client.create(v1, aWidget({ size: 'S', colour: 'red' }))
    expect(await read(v1beta1)).toEqual({ size: 'S', shape: 'round' })
    expect(await read()).toEqual({ size: 'S', colour: 'red' })
    const { apiVersion } = await api.client.get(v1beta1, key)
    expect(apiVersion).toBe('example.dev/v1beta1')
  })

  it('are preferred by their names, not by which is stored', async () => {
    await define(v1beta1, kind('v2alpha1', narrow), v1)
    const group = (await api.client.raw('GET', '/apis/example.dev')) as {
      versions: { version: string }[]
      preferredVersion: unknown
    }
    expect(group.versions.map(({ version }) => version)).toEqual(['v1', 'v1beta1', 'v2alpha1'])
    expect(group.preferredVersion).toEqual({ groupVersion: 'example.dev/v1', version: 'v1' })
  })

  it('come and go with the definition, in discovery and OpenAPI too', async () => {
    await define(v1, v1beta1)
    const openApi = async () => Object.keys(((await api.client.raw('GET', '/openapi/v3')) as { paths: object }).paths)
    expect(await openApi()).toEqual(expect.arrayContaining(['apis/example.dev/v1', 'apis/example.dev/v1beta1']))
    await define(v1)
    await expect(api.client.get(v1beta1, key)).rejects.toMatchObject({ code: 'API_NOT_FOUND' })
    expect(await openApi()).not.toContain('apis/example.dev/v1beta1')
  })
})

describe('what an established definition may not change', () => {
  it('is its scope, its kind, and versions that objects may be stored in', async () => {
    await define(v1)
    const refused = (...versions: readonly KindDefinition<Widget>[]) =>
      define(...versions).then(
        () => [],
        (error: { causes: { field: string }[] }) => error.causes.map(({ field }) => field),
      )
    expect(await refused(kind('v1', narrow, { namespaced: false }))).toEqual(['spec.scope'])
    expect(await refused(kind('v1', narrow, { kind: 'Gadget' }))).toEqual(['spec.names.kind'])
    expect(await refused(kind('v2', narrow))).toEqual(['status.storedVersions[0]'])
  })
})

describe('generations', () => {
  it.each([true, false])('count what is wanted; status is that where it is not written apart (%s)', async (statusSubresource) => {
    const definition = kind('v1', narrow, { statusSubresource })
    await define(definition)
    const made = await api.client.create(definition, aWidget({ size: 'S' }))
    const labelled = await api.client.patch(definition, key, { type: 'merge', body: { metadata: { labels: { a: 'b' } } } })
    const reported = await api.client.patch(definition, key, { type: 'merge', body: { status: { ready: true } } })
    const changed = await api.client.patch(definition, key, { type: 'merge', body: { spec: { size: 'M' } } })
    const generations = [made, labelled, reported, changed].map(({ metadata }) => metadata.generation)
    expect(generations).toEqual(statusSubresource ? [1, 1, 1, 2] : [1, 1, 2, 3])
    expect(changed.status).toEqual(statusSubresource ? undefined : { ready: true })
  })
})

it('takes its objects with it when it is deleted', async () => {
  await define(v1)
  await api.client.create(v1, aWidget({ size: 'S' }))
  await api.client.raw('DELETE', `${path}/widgets.example.dev`)
  await api.server.housekeeping.settle()
  await eventually(async () =>
    api.client.raw('GET', `${path}/widgets.example.dev`).then(
      () => false,
      () => true,
    ),
  )
  await define(v1)
  expect((await api.client.list(v1)).items).toEqual([])
})

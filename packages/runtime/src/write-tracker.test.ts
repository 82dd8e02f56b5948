import { type ConfigMap, configMap, secret } from '@weir/api'
import { createCache } from '@weir/client'
import { settled, startTestApi, type TestApi } from '@weir/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { kindId, trackWrites } from './write-tracker.ts'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi()
})
afterEach(async () => api.close())

const aConfigMap = (name: string): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
})

/** A tracker over a cache of ConfigMaps that the test fills; `isVisible` asks without waiting. */
function createRig() {
  const cache = createCache<ConfigMap>()
  const tracker = trackWrites(api.client, (id) => (id === kindId(configMap) ? cache : undefined))
  const isVisible = async (): Promise<boolean> => {
    let visible = false
    void tracker.whenVisible().then(() => (visible = true))
    await settled()
    return visible
  }
  return { cache, client: tracker.client, isVisible }
}

describe('trackWrites', () => {
  it('has nothing to wait for at first', async () => {
    expect(await createRig().isVisible()).toBe(true)
  })

  it('waits until the cache shows each kind of write', async () => {
    const { cache, client, isVisible } = createRig()
    const made = await client.create(configMap, aConfigMap('a'))
    expect(await isVisible()).toBe(false)
    cache.put(made)
    expect(await isVisible()).toBe(true)
    const updated = await client.update(configMap, { ...made, data: { a: '1' } })
    expect(await isVisible()).toBe(false)
    cache.put(updated)
    expect(await isVisible()).toBe(true)
    const patched = await client.patch(configMap, made.metadata, { type: 'merge', body: { data: { a: '2' } } })
    expect(await isVisible()).toBe(false)
    cache.put(patched)
    expect(await isVisible()).toBe(true)
  })

  it('waits for the newest of several', async () => {
    const { cache, client, isVisible } = createRig()
    const [first, second] = [await client.create(configMap, aConfigMap('a')), await client.create(configMap, aConfigMap('b'))]
    cache.put(first)
    expect(await isVisible()).toBe(false)
    cache.put(second)
    expect(await isVisible()).toBe(true)
  })

  it('waits for no read, no deletion, no failure, and no kind that nobody follows', async () => {
    const { client, isVisible } = createRig()
    await api.client.create(configMap, aConfigMap('a'))
    await client.get(configMap, aConfigMap('a').metadata)
    await client.list(configMap)
    await client.create(configMap, aConfigMap('a')).catch(() => {})
    await client.delete(configMap, aConfigMap('a').metadata)
    await client.raw('GET', '/version')
    await client.create(secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' } })
    for await (const event of client.watch(configMap, { resourceVersion: '1' })) {
      expect(event.type).toBe('ADDED')
      break
    }
    expect(await isVisible()).toBe(true)
  })

  it('does not wait for ever after the server was set back to a backup', async () => {
    const { cache, client, isVisible } = createRig()
    await client.create(configMap, aConfigMap('before'))
    cache.replace([], '3', cache.beginList())
    expect(await isVisible()).toBe(true)
    cache.replace([], '4', cache.beginList())
    expect(await isVisible()).toBe(true)
    await client.create(configMap, aConfigMap('after'))
    expect(await isVisible()).toBe(false)
    cache.advance(String(api.log.head()))
    expect(await isVisible()).toBe(true)
  })

  it('waits for a write of before a list that was under way, and for one of after', async () => {
    const { cache, client, isVisible } = createRig()
    await client.create(configMap, aConfigMap('a'))
    const list = cache.beginList()
    const second = await client.create(configMap, aConfigMap('b'))
    cache.replace([], '2', list)
    expect(await isVisible()).toBe(false)
    cache.put(second)
    expect(await isVisible()).toBe(true)
  })

  it('waits for a write to a server that was set back while the list of before was under way', async () => {
    const cache = createCache<ConfigMap>()
    const versions = ['100', '5']
    const create = (async (_kind: unknown, object: ConfigMap) => ({
      ...object,
      metadata: { ...object.metadata, resourceVersion: versions.shift() },
    })) as unknown as typeof api.client.create
    const tracker = trackWrites({ ...api.client, create }, () => cache)
    let visible = false
    await tracker.client.create(configMap, aConfigMap('before'))
    const list = cache.beginList()
    await tracker.client.create(configMap, aConfigMap('after'))
    cache.replace([], '4', list)
    void tracker.whenVisible().then(() => (visible = true))
    await settled()
    expect(visible).toBe(false)
    cache.advance('5')
    await settled()
    expect(visible).toBe(true)
  })

  it('does not call a write seen because an answer to an older one came late', async () => {
    const cache = createCache<ConfigMap>()
    const late = Promise.withResolvers<void>()
    const answers = [late.promise, Promise.resolve()]
    const slow = {
      ...api.client,
      create: (async (...call: Parameters<typeof api.client.create>) => {
        const made = await api.client.create(...call)
        await answers.shift()
        return made
      }) as typeof api.client.create,
    }
    const tracker = trackWrites(slow, () => cache)
    const first = tracker.client.create(configMap, aConfigMap('a'))
    await settled()
    await tracker.client.create(configMap, aConfigMap('b'))
    late.resolve()
    cache.advance((await first).metadata.resourceVersion ?? '')
    let visible = false
    void tracker.whenVisible().then(() => (visible = true))
    await settled()
    expect(visible).toBe(false)
  })
})

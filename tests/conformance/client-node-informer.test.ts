import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CoreV1Api, KubeConfig, makeInformer, type V1ConfigMap } from '@kubernetes/client-node'
import { expect, it } from 'vitest'
import { startLiveServer } from './live-server.ts'

it("the official client's informer converges over restarts of the server", { timeout: 60_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'weir-informer-'))
  let server = await startLiveServer(directory)
  const config = new KubeConfig()
  config.loadFromFile(server.kubeconfig)
  const api = config.makeApiClient(CoreV1Api)
  const informer = makeInformer<V1ConfigMap>(config, '/api/v1/namespaces/default/configmaps', async () =>
    api.listNamespacedConfigMap({ namespace: 'default' }),
  )
  let isStopped = false
  // As its documentation says: an informer that met an error stays down until it is started again.
  informer.on('error', () => {
    if (!isStopped) setTimeout(() => void informer.start().catch(() => {}), 100)
  })
  await informer.start()
  const wanted: string[] = []
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 5; i++) {
      const name = `m-${round}-${i}`
      await api.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name }, data: { round: String(round) } } })
      wanted.push(name)
    }
    const { port } = server
    await server.close()
    server = await startLiveServer(directory, port)
  }
  await api.deleteNamespacedConfigMap({ namespace: 'default', name: 'm-0-0' })
  wanted.shift()
  const seen = (): readonly string[] =>
    informer
      .list('default')
      .map(({ metadata }) => metadata?.name ?? '')
      .toSorted()
  for (let round = 0; round < 200 && seen().join() !== wanted.join(); round++) {
    await new Promise((resolve) => {
      setTimeout(resolve, 100)
    })
  }
  expect(seen()).toEqual(wanted)
  isStopped = true
  await informer.stop()
  await server.close()
  rmSync(directory, { recursive: true })
})

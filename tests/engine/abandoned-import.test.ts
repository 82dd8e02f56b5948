import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { event, importingAnnotation, type VirtualMachine, virtualMachine } from '@weir/api'
import { silentLogger } from '@weir/base'
import { createEngine, createQemuMachines, createVolumes, type Engine } from '@weir/engine'
import { createTestClock, eventually, startTestApi, type TestApi, type TestClock } from '@weir/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'

let directory = ''
let clock: TestClock
let api: TestApi
let engine: Engine
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'weir-engine-'))
  clock = createTestClock()
  api = await startTestApi()
  await begin()
})
afterEach(async () => {
  await engine.stop()
  await api.close()
  rmSync(directory, { recursive: true })
})

async function begin(): Promise<void> {
  engine = createEngine({
    clock,
    logger: silentLogger,
    random: Math.random,
    volumes: createVolumes({ directory: join(directory, 'volumes'), newId: randomUUID }),
    machines: createQemuMachines({ directory: join(directory, 'machines'), clock, logger: silentLogger, accelerator: 'tcg' }),
    kvm: { usable: false, reason: '' },
    hosts: 1,
    version: 'v0',
  })
  await engine.start(api.client, { uploadUrl: 'https://127.0.0.1:1' })
}

const create = (name: string, mark?: string): Promise<VirtualMachine> =>
  api.client.create(virtualMachine, {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, namespace: 'default', ...(mark === undefined ? {} : { annotations: { [importingAnnotation]: mark } }) },
    spec: {
      runStrategy: 'Halted',
      dataVolumeTemplates: [
        { metadata: { name }, spec: { source: { upload: {} }, storage: { resources: { requests: { storage: '1Mi' } } } } },
      ],
      template: { spec: { domain: { devices: {} }, volumes: [{ name: 'root', dataVolume: { name } }] } },
    },
  })

const names = async (): Promise<readonly string[]> =>
  (await api.client.list(virtualMachine, { namespace: 'default' })).items.map(({ metadata }) => metadata.name)
const isSeen = (name: string): Promise<unknown> =>
  eventually(async () => (await api.client.get(virtualMachine, { namespace: 'default', name })).status?.printableStatus)
const beat = (name: string, mark: string | null): Promise<unknown> =>
  api.client.patch(
    virtualMachine,
    { namespace: 'default', name },
    { type: 'merge', body: { metadata: { annotations: { [importingAnnotation]: mark } } } },
  )
/** Resolves when every controller has come to rest: their writes wake one another, and none is late by more than a few turns. */
const atRest = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
}
const minutes = async (count: number): Promise<void> => {
  await atRest()
  await clock.advance(count * 60_000)
  await atRest()
}

it('deletes a machine whose import has been silent for ten minutes, with its disks, and says so', async () => {
  await create('silent', 'a')
  await create('alive', 'a')
  await create('complete')
  for (const name of ['silent', 'alive', 'complete']) await isSeen(name)
  await minutes(9)
  expect(await names()).toEqual(['alive', 'complete', 'silent'])
  await beat('alive', 'b')
  await minutes(2)
  await eventually(async () => !(await names()).includes('silent'))
  expect(await names()).toEqual(['alive', 'complete'])
  await eventually(async () =>
    (await api.client.list(event)).items.some(
      ({ reason, involvedObject }) => reason === 'ImportAbandoned' && involvedObject.name === 'silent',
    ),
  )
  await beat('alive', null)
  await minutes(60)
  expect(await names()).toEqual(['alive', 'complete'])
})

it('counts anew after a restart', async () => {
  await create('silent', 'a')
  await isSeen('silent')
  await minutes(9)
  await engine.stop()
  await begin()
  await minutes(9)
  expect(await names()).toEqual(['silent'])
  await minutes(2)
  await eventually(async () => (await names()).length === 0)
})

import { type ClientRequest, type IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { dataVolume, namespace, persistentVolumeClaim } from '@weir/api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tlsOptions } from '../../apps/weir/src/cli/https-transport.ts'
import { loadConnection } from '../../apps/weir/src/cli/kubeconfig.ts'
import { type Census, takeCensus } from './data-center/census.ts'
import { cleanUp } from './data-center/crash.ts'
import { eventually } from './data-center/eventually.ts'
import { aDataVolume } from './data-center/objects.ts'
import { setStage, type Stage, strike } from './data-center/stage.ts'
import { gone, makePlace, place, remove, state, web } from './data-center/steps.ts'

/** A sender that goes silent in the middle holds nothing: neither what it fills nor the end of the data center. */
let stage: Stage
let before: Census
beforeEach(async () => {
  stage = await setStage()
  before = await takeCensus(stage.weir)
  await makePlace(stage)
  stage.server.shut()
})
afterEach(() => strike(stage))

const disk = { namespace: place, name: 'disk' }
const uidOfClaim = async (): Promise<string> => (await stage.weir.client().get(persistentVolumeClaim, disk)).metadata.uid ?? ''

/** Sends half of a disk and then nothing. Resolves with what is answered in the end. */
async function startUpload(): Promise<() => Promise<number | undefined>> {
  const { weir } = stage
  await weir.client().create(dataVolume, aDataVolume(place, 'disk', { upload: {} }))
  await state(stage, dataVolume, { name: 'disk', wanted: 'UploadReady' })
  const path = `/apis/upload.cdi.kubevirt.io/v1beta1/namespaces/${place}/uploadtokenrequests`
  const grant = (await weir.client().raw('POST', path, { spec: { pvcName: 'disk' } })) as {
    readonly status: { readonly token: string }
  }
  const connection = loadConnection({}, weir.environment)
  const upload: ClientRequest = request(`${connection.server}/v1beta1/upload`, {
    ...tlsOptions(connection),
    method: 'POST',
    headers: { authorization: `Bearer ${grant.status.token}`, 'content-length': String(2 << 20) },
  })
  const answer = new Promise<number | undefined>((resolve) => {
    upload.on('response', (response: IncomingMessage) => resolve(response.resume().statusCode))
    upload.on('error', () => resolve(undefined))
  })
  upload.write(Buffer.alloc(1 << 20, 1))
  await halfIsThere()
  return () => answer
}

async function startDownload(): Promise<() => Promise<undefined>> {
  await stage.weir.client().create(dataVolume, aDataVolume(place, 'disk', web(stage)))
  await halfIsThere()
  return () => Promise.resolve(undefined)
}

const halfIsThere = (): Promise<void> => eventually(async () => (await takeCensus(stage.weir)).scraps, ['volumes/*/scratch-disk'])

describe.each([
  ['upload', startUpload],
  ['download', startDownload],
] as const)('a stalled %s', { timeout: 60_000 }, (kind, start) => {
  it('goes with its DataVolume, and hears of it', async () => {
    const answer = await start()
    await remove(stage, dataVolume, 'disk')
    await gone(stage, persistentVolumeClaim, 'disk')
    expect(await answer()).toBe(kind === 'upload' ? 500 : undefined)
    await cleanUp(stage, before)
  })

  it('goes with its claim', async () => {
    await start()
    const uid = await uidOfClaim()
    await remove(stage, persistentVolumeClaim, 'disk')
    // The DataVolume makes another one.
    await eventually(async () => (await uidOfClaim()) !== uid, true)
    await cleanUp(stage, before)
  })

  it('goes with its namespace', async () => {
    await start()
    await stage.weir.client().delete(namespace, { name: place })
    await eventually(() => takeCensus(stage.weir), before)
  })

  it('lets the data center stop, and begin anew', async () => {
    await start()
    expect(await stage.weir.weir('down')).toMatchObject({ code: 0, err: '' })
    stage.server.open()
    await stage.weir.up()
    await state(stage, dataVolume, { name: 'disk', wanted: kind === 'upload' ? 'UploadReady' : 'Succeeded' })
    await cleanUp(stage, before)
  })
})

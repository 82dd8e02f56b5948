import { beforeEach, expect, it } from 'vitest'
import type { Volumes } from './volumes.ts'

/** A place for volumes under test. */
export interface VolumesPlace {
  /** Another `Volumes` over the same place, as after a restart. */
  readonly open: () => Volumes
  /** Puts content of a length into a scratch file. */
  readonly write: (scratch: string, sizeBytes: number) => Promise<void>
}

const mebibyte = 1 << 20
const never = async (): Promise<boolean> => false
const always = async (): Promise<boolean> => true

/** The suite that holds over every kind of `Volumes`. `create` makes an empty place. */
export function describeVolumes(create: () => Promise<VolumesPlace>): void {
  let place: VolumesPlace
  let volumes: Volumes
  beforeEach(async () => {
    place = await create()
    volumes = place.open()
    await volumes.start()
  })
  const fill = (id: string, contentBytes: number, sizeBytes = 4 * mebibyte) =>
    volumes.ensureFilled(id, sizeBytes, (scratch) => place.write(scratch, contentBytes))

  it('ensures an empty volume once, at its first size', async () => {
    expect(await volumes.find('v')).toBeUndefined()
    const first = await volumes.ensureBlank('v', 4 * mebibyte)
    expect(first).toMatchObject({ id: 'v', format: 'raw', sizeBytes: 4 * mebibyte })
    expect(await volumes.ensureBlank('v', 8 * mebibyte)).toEqual(first)
    expect(await volumes.find('v')).toEqual(first)
  })

  it('shows a volume only when it is complete, and fills it once', async () => {
    let during: unknown = 'not looked at'
    await volumes.ensureFilled('v', 4 * mebibyte, async (scratch) => {
      during = await volumes.find('v')
      await place.write(scratch, mebibyte)
    })
    expect(during).toBeUndefined()
    await volumes.ensureFilled('v', 4 * mebibyte, () => Promise.reject(new Error('filled again')))
    expect(await volumes.find('v')).toMatchObject({ sizeBytes: 4 * mebibyte })
  })

  it('keeps nothing of what failed or did not fit', async () => {
    await expect(volumes.ensureFilled('v', mebibyte, () => Promise.reject(new Error('lost')))).rejects.toThrow('lost')
    await expect(fill('v', 2 * mebibyte, mebibyte)).rejects.toMatchObject({ code: 'VOLUME_IMAGE_TOO_BIG' })
    expect(await volumes.find('v')).toBeUndefined()
    expect(await fill('v', mebibyte)).toMatchObject({ id: 'v' })
  })

  it('grows and never shrinks', async () => {
    await volumes.ensureBlank('v', mebibyte)
    expect(await volumes.grow('v', 2 * mebibyte)).toMatchObject({ sizeBytes: 2 * mebibyte })
    expect(await volumes.grow('v', mebibyte)).toMatchObject({ sizeBytes: 2 * mebibyte })
    await expect(volumes.grow('none', mebibyte)).rejects.toMatchObject({ code: 'VOLUME_NOT_FOUND' })
  })

  it('removes as often as it is asked to', async () => {
    await fill('v', mebibyte)
    await volumes.remove('v')
    await volumes.remove('v')
    expect(await volumes.find('v')).toBeUndefined()
  })

  it('does not make again what was removed, for whoever has not heard of it', async () => {
    await fill('source', mebibyte)
    await fill('v', mebibyte)
    for (const id of ['v', 'never-made']) await volumes.remove(id)
    const late = await Promise.allSettled([
      volumes.ensureBlank('v', mebibyte),
      fill('never-made', mebibyte),
      volumes.clone({ source: 'source', target: 'v', sizeBytes: 4 * mebibyte, isIdle: always }),
    ])
    const refusal = { status: 'rejected', reason: { code: 'VOLUME_NOT_FOUND' } }
    expect(late).toMatchObject([refusal, refusal, refusal])
    expect(await volumes.find('v')).toBeUndefined()
  })

  it('refuses ids that are paths', async () => {
    await expect(volumes.ensureBlank('../x', mebibyte)).rejects.toMatchObject({ code: 'VOLUME_NOT_FOUND' })
  })

  it('clones a source that nobody uses, once, and lets each go its own way', async () => {
    await fill('v', mebibyte)
    const request = { source: 'v', target: 't', sizeBytes: 8 * mebibyte, isIdle: always }
    const clone = await volumes.clone(request)
    expect(clone).toMatchObject({ id: 't', sizeBytes: 8 * mebibyte })
    expect(await volumes.clone({ ...request, isIdle: never })).toEqual(clone)
    await volumes.remove('v')
    expect(await volumes.find('t')).toEqual(clone)
  })

  it('waits for a source in use, unless it is frozen already', async () => {
    await fill('v', mebibyte)
    const request = { source: 'v', target: 't', sizeBytes: 4 * mebibyte, isIdle: never }
    await expect(volumes.clone(request)).rejects.toMatchObject({ code: 'VOLUME_IN_USE' })
    expect(await volumes.find('t')).toBeUndefined()
    await volumes.clone({ ...request, isIdle: always })
    expect(await volumes.clone({ ...request, target: 'second' })).toMatchObject({ id: 'second' })
  })

  it('refuses a clone of nothing, and one that is smaller than its source', async () => {
    const request = { source: 'v', target: 't', sizeBytes: mebibyte, isIdle: always }
    await expect(volumes.clone(request)).rejects.toMatchObject({ code: 'VOLUME_NOT_FOUND' })
    await fill('v', mebibyte)
    await expect(volumes.clone(request)).rejects.toMatchObject({ code: 'VOLUME_IMAGE_TOO_BIG' })
    expect(await volumes.find('t')).toBeUndefined()
  })

  it('lets nobody touch a volume that is held', async () => {
    await fill('v', mebibyte)
    const order: string[] = []
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    const holding = volumes.exclusive(['v'], async () => {
      await held
      order.push('held')
    })
    const removing = volumes.remove('v').then(() => order.push('removed'))
    expect(await volumes.find('v')).toBeDefined()
    letGo()
    await Promise.all([holding, removing])
    expect(order).toEqual(['held', 'removed'])
  })

  it('is the same after a restart', async () => {
    await fill('v', mebibyte)
    await volumes.clone({ source: 'v', target: 't', sizeBytes: 4 * mebibyte, isIdle: always })
    const before = await Promise.all(['v', 't', 'none'].map((id) => volumes.find(id)))
    volumes = place.open()
    await volumes.start()
    expect(await Promise.all(['v', 't', 'none'].map((id) => volumes.find(id)))).toEqual(before)
  })

  it('knows when there is no room', async () => {
    await volumes.assertSpace(1)
    await expect(volumes.assertSpace(Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({ code: 'VOLUME_NO_SPACE' })
  })
}

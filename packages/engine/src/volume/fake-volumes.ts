import { WeirError } from '@weir/base'
import { createKeyLocks } from './key-locks.ts'
import type { Volume, Volumes } from './volumes.ts'

interface FakeImage {
  readonly sizeBytes: number
  readonly format: Volume['format']
  /** True while nothing was written over the frozen base of a clone. */
  readonly isUntouched: boolean
}

/** An imagined disk that keeps volumes. It outlives every `Volumes` over it. */
export interface FakeDisk {
  /** Another `Volumes` over the same images, as after a restart. */
  open(): Volumes
  /** The ids of complete volumes. */
  ids(): readonly string[]
  /** True if a complete image lies at `path`. */
  has(path: string): boolean
  /** Says how long the content is that goes into a scratch file. */
  write(scratch: string, sizeBytes: number): void
  /** A machine wrote to the volume. */
  touch(id: string): void
}

const pathOf = (id: string): string => `/volumes/${id}/disk.img`

/** An empty disk of `sizeBytes`; images are sparse, only content that was written counts. */
export function createFakeDisk(sizeBytes: number = Number.MAX_SAFE_INTEGER): FakeDisk {
  const images = new Map<string, FakeImage>()
  const scratches = new Map<string, number>()
  return {
    open: () => openVolumes(images, scratches, sizeBytes),
    ids: () => [...images.keys()],
    has: (path) => [...images.keys()].some((id) => pathOf(id) === path),
    write: (scratch, contentBytes) => void scratches.set(scratch, contentBytes),
    touch: (id) => {
      const image = images.get(id)
      if (image !== undefined) images.set(id, { ...image, isUntouched: false })
    },
  }
}

function openVolumes(images: Map<string, FakeImage>, scratches: Map<string, number>, diskBytes: number): Volumes {
  const locks = createKeyLocks()
  const removed = new Set<string>()
  const volumeOf = (id: string): Volume | undefined => {
    const image = images.get(id)
    return image === undefined ? undefined : { id, path: pathOf(id), format: image.format, sizeBytes: image.sizeBytes }
  }
  const put = (id: string, image: FakeImage): Volume => {
    images.set(id, image)
    return { id, path: pathOf(id), format: image.format, sizeBytes: image.sizeBytes }
  }
  const ensureFilled: Volumes['ensureFilled'] = (id, sizeBytes, fill) =>
    locks.exclusive([id], async () => {
      const found = volumeOf(id)
      if (found !== undefined) return found
      checkId(id, removed)
      const scratch = `/volumes/${id}/scratch-disk`
      try {
        await fill(scratch)
        if ((scratches.get(scratch) ?? 0) > sizeBytes) throw tooBig(id)
        return put(id, { sizeBytes, format: 'raw', isUntouched: false })
      } finally {
        scratches.delete(scratch)
      }
    })
  const existing = (id: string): FakeImage => {
    const image = images.get(id)
    if (image === undefined) throw new WeirError('VOLUME_NOT_FOUND', `volume '${id}' has no disk image yet`)
    return image
  }
  return {
    start: async () => {
      scratches.clear()
      return []
    },
    find: async (id) => volumeOf(id),
    ensureBlank: (id, sizeBytes) => ensureFilled(id, sizeBytes, async () => {}),
    ensureFilled,
    clone: ({ source, target, sizeBytes, isIdle }) =>
      locks.exclusive([source, target], async () => {
        const found = volumeOf(target)
        if (found !== undefined) return found
        const image = existing(source)
        if (!image.isUntouched && !(await isIdle()))
          throw new WeirError('VOLUME_IN_USE', 'the source is in use by a running machine; stop it, then the clone goes on')
        put(source, { ...image, format: 'qcow2', isUntouched: true })
        if (sizeBytes < image.sizeBytes) throw tooBig(target)
        checkId(target, removed)
        return put(target, { sizeBytes, format: 'qcow2', isUntouched: true })
      }),
    grow: (id, sizeBytes) =>
      locks.exclusive([id], async () => {
        const image = existing(id)
        return put(id, { ...image, sizeBytes: Math.max(image.sizeBytes, sizeBytes), isUntouched: false })
      }),
    remove: (id) =>
      locks.exclusive([id], async () => {
        removed.add(id)
        images.delete(id)
      }),
    exclusive: (ids, work) => locks.exclusive(ids, work),
    assertSpace: async (bytes) => {
      if (bytes > diskBytes) throw new WeirError('VOLUME_NO_SPACE', `'/volumes' has room for ${diskBytes} more bytes of images`)
    },
  }
}

function checkId(id: string, removed: ReadonlySet<string>): void {
  if (!/^[\w-]{1,64}$/u.test(id)) throw new WeirError('VOLUME_NOT_FOUND', `'${id.slice(0, 64)}' is no volume id`)
  if (removed.has(id)) throw new WeirError('VOLUME_NOT_FOUND', `volume '${id}' has been removed`)
}

const tooBig = (id: string): WeirError => new WeirError('VOLUME_IMAGE_TOO_BIG', `the image does not fit the claim of '${id}'`)

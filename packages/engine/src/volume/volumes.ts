import { chmod, chown, link, mkdir, open, readdir, rename, rm, stat, statfs, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isWeirError, WeirError } from '@weir/base'
import { createKeyLocks, type KeyLocks } from './key-locks.ts'
import { createOverlay, growQcow2 } from './qemu-img.ts'
import { isKept, loadRecord, removeFolder, saveRecord, scratchPrefix, type VolumeRecord } from './volume-record.ts'

/** The disk image behind a PersistentVolume; `id` is the PersistentVolume's uid. */
export interface Volume {
  readonly id: string
  readonly path: string
  readonly format: 'raw' | 'qcow2'
  readonly sizeBytes: number
  /** Where the frozen images lie that this one may be an overlay of. */
  readonly backingFolder?: string
}

/** What the volumes need: a folder of their own, names for frozen bases, who may open images besides us. */
export interface VolumesDeps {
  readonly directory: string
  readonly newId: () => string
  /** The user that QEMU runs as; images are given to it. Absent: they stay ours. */
  readonly owner?: { readonly uid: number; readonly gid: number }
  /** Free space that imports leave on the disk; 256 MiB if absent. */
  readonly reserveBytes?: number
}

/**
 * The disk images of this machine: `<directory>/<id>/disk.img` and, under `<directory>/.bases/`, frozen images that clones
 * share. A volume is there completely or not at all, whenever the process dies. Calls on one volume run one after another.
 */
export interface Volumes {
  /**
   * Deletes what an earlier run left half-made; call once, first. Returns what it found damaged: those volumes stay as they
   * are, refused by all but `remove`, and so does every base, since one of them may lie over it.
   */
  start(): Promise<readonly WeirError[]>
  /** Undefined until the volume is complete. */
  find(id: string): Promise<Volume | undefined>
  /** Ensures a volume; a new one is empty. */
  ensureBlank(id: string, sizeBytes: number): Promise<Volume>
  /**
   * Ensures a volume with the content that `fill` writes to the scratch file it is given (a raw image); the volume appears
   * when `fill` is done and grows to `sizeBytes`. Other scratch files that begin with that path go too.
   * @throws VOLUME_IMAGE_TOO_BIG, VOLUME_NO_SPACE, or what `fill` throws; nothing stays behind.
   */
  ensureFilled(id: string, sizeBytes: number, fill: (scratch: string) => Promise<void>): Promise<Volume>
  /**
   * Ensures `target` as a linked clone of `source`: both then lie over a frozen base and go their own ways.
   * `isIdle` is asked when nobody else can start with the source. @throws VOLUME_IN_USE, VOLUME_NOT_FOUND, VOLUME_IMAGE_TOO_BIG.
   */
  clone(request: {
    readonly source: string
    readonly target: string
    readonly sizeBytes: number
    readonly isIdle: () => Promise<boolean>
  }): Promise<Volume>
  /** Grows an idle volume; never shrinks. */
  grow(id: string, sizeBytes: number): Promise<Volume>
  /**
   * Deletes the volume and every base that nothing lies over any more. Its id is not taken again (VOLUME_NOT_FOUND): who
   * still acts on an old view of its claim would make an image that nobody deletes.
   */
  remove(id: string): Promise<void>
  /** Runs `work` while nobody freezes, grows or removes these volumes. */
  exclusive<T>(ids: readonly string[], work: () => Promise<T>): Promise<T>
  /** @throws VOLUME_NO_SPACE if `bytes` more do not fit. */
  assertSpace(bytes: number): Promise<void>
}

const basesFolder = '.bases'
/** Removed ids that are remembered; views are never that old. */
const maxRemoved = 10_000
/** The lock of everything under `.bases`; no volume id has this form. */
const basesLock = '.bases'

/** The volumes of a directory. Only one process may own it. */
export const createVolumes = (deps: VolumesDeps): Volumes => new DirectoryVolumes(deps)

class DirectoryVolumes implements Volumes {
  readonly #deps: VolumesDeps
  readonly #locks: KeyLocks = createKeyLocks()
  readonly #removed = new Set<string>()

  constructor(deps: VolumesDeps) {
    this.#deps = deps
  }

  async start(): Promise<readonly WeirError[]> {
    await mkdir(this.#bases(), { recursive: true, mode: 0o711 })
    for (const id of await this.#ids()) {
      const record = await loadRecord(this.#folder(id)).catch(ifDamaged)
      if (record === undefined) await removeFolder(this.#folder(id))
      else if (!isWeirError(record)) await this.#dropScraps(id, record)
    }
    return this.#dropUnusedBases()
  }

  async find(id: string): Promise<Volume | undefined> {
    const record = await loadRecord(this.#folder(id))
    return record === undefined ? undefined : this.#volume(id, record)
  }

  ensureBlank(id: string, sizeBytes: number): Promise<Volume> {
    return this.ensureFilled(id, sizeBytes, async (scratch) => (await open(scratch, 'wx', 0o600)).close())
  }

  ensureFilled(id: string, sizeBytes: number, fill: (scratch: string) => Promise<void>): Promise<Volume> {
    return this.exclusive([id], async () => {
      const found = await this.find(id)
      if (found !== undefined) return found
      const folder = await this.#makeFolder(id)
      const scratch = join(folder, `${scratchPrefix}disk`)
      try {
        await fill(scratch)
        await finishRaw(scratch, sizeBytes)
        return await this.#publish(id, scratch, { file: 'disk.img', format: 'raw', sizeBytes })
      } catch (error) {
        await removeFolder(folder)
        throw toVolumeError(error)
      }
    })
  }

  clone({ source, target, sizeBytes, isIdle }: Parameters<Volumes['clone']>[0]): Promise<Volume> {
    return this.exclusive([source, target, basesLock], async () => {
      const found = await this.find(target)
      if (found !== undefined) return found
      const { base, record } = await this.#freeze(source, isIdle)
      if (sizeBytes < record.sizeBytes)
        throw new WeirError(
          'VOLUME_IMAGE_TOO_BIG',
          `the source of ${record.sizeBytes} bytes does not fit a claim of ${sizeBytes} bytes; ask for a larger claim`,
        )
      const folder = await this.#makeFolder(target)
      const scratch = join(folder, `${scratchPrefix}disk`)
      try {
        await this.#overlay(scratch, base, sizeBytes)
        return await this.#publish(target, scratch, {
          file: 'disk.img',
          format: 'qcow2',
          sizeBytes,
          base,
          untouched: await stamp(scratch),
        })
      } catch (error) {
        await removeFolder(folder)
        throw toVolumeError(error)
      }
    })
  }

  grow(id: string, sizeBytes: number): Promise<Volume> {
    return this.exclusive([id], async () => {
      const record = await loadRecord(this.#folder(id))
      if (record === undefined) throw notFound(id)
      if (sizeBytes <= record.sizeBytes) return this.#volume(id, record)
      const path = join(this.#folder(id), record.file)
      if (record.format === 'raw') await finishRaw(path, sizeBytes)
      else await growQcow2(path, sizeBytes)
      const grown = { ...withoutStamp(record), sizeBytes }
      await saveRecord(this.#folder(id), grown)
      return this.#volume(id, grown)
    })
  }

  remove(id: string): Promise<void> {
    return this.exclusive([id, basesLock], async () => {
      this.#forbid(id)
      const record = await loadRecord(this.#folder(id)).catch(ifDamaged)
      await removeFolder(this.#folder(id))
      if (isWeirError(record) || record?.base !== undefined) await this.#dropUnusedBases()
    })
  }

  exclusive<T>(ids: readonly string[], work: () => Promise<T>): Promise<T> {
    return this.#locks.exclusive(ids, work)
  }

  async assertSpace(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.#deps.directory)
    const free = bavail * bsize - (this.#deps.reserveBytes ?? 256 << 20)
    if (bytes > free)
      throw new WeirError(
        'VOLUME_NO_SPACE',
        `'${this.#deps.directory}' has room for ${Math.max(0, free)} more bytes of images, ${bytes} are needed; free some or move the state directory`,
      )
  }

  /**
   * Turns the disk of `source` into a frozen base and puts an empty overlay in its place. Until the record is replaced the
   * base is only a second name of the disk, which the next start drops; afterwards the old name is dropped instead.
   */
  async #freeze(source: string, isIdle: () => Promise<boolean>): Promise<{ base: string; record: VolumeRecord }> {
    const folder = this.#folder(source)
    const record = await loadRecord(folder)
    if (record === undefined) throw notFound(source)
    const path = join(folder, record.file)
    if (record.base !== undefined && record.untouched === (await stamp(path))) return { base: record.base, record }
    if (!(await isIdle()))
      throw new WeirError('VOLUME_IN_USE', 'the source is in use by a running machine; stop it, then the clone goes on')
    if (record.base !== undefined) await this.#linkFromBases(record.base)
    const base = this.#deps.newId()
    const baseFolder = join(this.#bases(), base)
    await mkdir(baseFolder, { mode: 0o711 })
    await link(path, join(baseFolder, 'disk.img'))
    await saveRecord(baseFolder, { ...withoutStamp(record), file: 'disk.img' })
    const overlay = `disk-${base}.img`
    await this.#overlay(join(folder, overlay), base, record.sizeBytes)
    await this.#give(join(folder, overlay))
    await saveRecord(folder, {
      file: overlay,
      format: 'qcow2',
      sizeBytes: record.sizeBytes,
      base,
      untouched: await stamp(join(folder, overlay)),
    })
    await rm(path)
    await this.#seal(join(baseFolder, 'disk.img'))
    return { base, record }
  }

  /**
   * An overlay names its base `../.bases/ID/disk.img`. One that is frozen lies among the bases itself, and meanwhile has two
   * names: through a link these words lead from there to the same base.
   */
  async #linkFromBases(base: string): Promise<void> {
    const folder = join(this.#bases(), basesFolder)
    await mkdir(folder, { recursive: true, mode: 0o711 })
    await symlink(join('..', base), join(folder, base)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }

  /** Makes a frozen image ours: whoever owned it as a disk could still write it. */
  async #seal(path: string): Promise<void> {
    await chown(path, process.geteuid?.() ?? 0, process.getegid?.() ?? 0)
    await chmod(path, 0o440)
  }

  async #overlay(path: string, base: string, sizeBytes: number): Promise<void> {
    const record = await loadRecord(join(this.#bases(), base))
    await createOverlay(path, { path: `../${basesFolder}/${base}/disk.img`, format: record?.format ?? 'raw' }, sizeBytes)
    await syncFile(path)
  }

  async #publish(id: string, scratch: string, record: VolumeRecord): Promise<Volume> {
    await this.#give(scratch)
    await rename(scratch, join(this.#folder(id), record.file))
    await saveRecord(this.#folder(id), record)
    await this.#dropScraps(id, record)
    return this.#volume(id, record)
  }

  async #dropScraps(id: string, record: VolumeRecord): Promise<void> {
    for (const name of await readdir(this.#folder(id)))
      if (!isKept(name, record)) await rm(join(this.#folder(id), name), { recursive: true })
  }

  #forbid(id: string): void {
    this.#removed.add(id)
    const [oldest] = this.#removed
    if (this.#removed.size > maxRemoved && oldest !== undefined) this.#removed.delete(oldest)
  }

  async #give(path: string): Promise<void> {
    await chmod(path, 0o600)
    const { owner } = this.#deps
    if (owner !== undefined) await chown(path, owner.uid, owner.gid)
  }

  async #makeFolder(id: string): Promise<string> {
    if (!/^[\w-]{1,64}$/u.test(id)) throw new WeirError('VOLUME_NOT_FOUND', `'${id.slice(0, 64)}' is no volume id`)
    if (this.#removed.has(id)) throw new WeirError('VOLUME_NOT_FOUND', `volume '${id}' has been removed`)
    await mkdir(this.#folder(id), { recursive: true, mode: 0o711 })
    return this.#folder(id)
  }

  /** Deletes no base while a record is damaged, which may name it; returns what is damaged. */
  async #dropUnusedBases(): Promise<readonly WeirError[]> {
    const used = new Set<string>()
    const damaged: WeirError[] = []
    const follow = async (folder: string): Promise<void> => {
      const record = await loadRecord(folder).catch(ifDamaged)
      if (isWeirError(record)) damaged.push(record)
      else if (record?.base !== undefined && !used.has(record.base)) {
        used.add(record.base)
        if (dirname(folder) === this.#bases()) await this.#linkFromBases(record.base)
        await follow(join(this.#bases(), record.base))
      }
    }
    for (const id of await this.#ids()) await follow(this.#folder(id))
    if (damaged.length > 0) return damaged
    for (const base of await readdir(this.#bases())) {
      if (base === basesFolder || used.has(base)) continue
      await removeFolder(join(this.#bases(), base))
      await rm(join(this.#bases(), basesFolder, base), { force: true })
    }
    return []
  }

  async #ids(): Promise<readonly string[]> {
    return (await readdir(this.#deps.directory)).filter((name) => !name.startsWith('.'))
  }

  #volume(id: string, { file, format, sizeBytes }: VolumeRecord): Volume {
    return { id, path: join(this.#folder(id), file), format, sizeBytes, backingFolder: this.#bases() }
  }

  #folder(id: string): string {
    return join(this.#deps.directory, id)
  }

  #bases(): string {
    return join(this.#deps.directory, basesFolder)
  }
}

/** The error of a record that is there and cannot be read, as a value. @throws others */
const ifDamaged = (error: unknown): WeirError => {
  if (isWeirError(error, 'VOLUME_IMAGE_REFUSED')) return error
  throw error
}

const withoutStamp = ({ file, format, sizeBytes, base }: VolumeRecord): VolumeRecord => ({
  file,
  format,
  sizeBytes,
  ...(base !== undefined && { base }),
})

const notFound = (id: string): WeirError => new WeirError('VOLUME_NOT_FOUND', `volume '${id}' has no disk image yet`)

/** Extends a raw image to `sizeBytes` and makes it durable. */
async function finishRaw(path: string, sizeBytes: number): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    if (size > sizeBytes)
      throw new WeirError(
        'VOLUME_IMAGE_TOO_BIG',
        `the image of ${size} bytes does not fit a claim of ${sizeBytes} bytes; ask for a larger claim`,
      )
    await file.truncate(sizeBytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

async function stamp(path: string): Promise<string> {
  const { size, mtimeNs } = await stat(path, { bigint: true })
  return `${size}-${mtimeNs}`
}

/** A full disk by its own name; other errors as they are. */
function toVolumeError(error: unknown): unknown {
  const full =
    error instanceof Error && ((error as NodeJS.ErrnoException).code === 'ENOSPC' || /no space left/iu.test(error.message))
  return full
    ? new WeirError('VOLUME_NO_SPACE', 'the disk of the state directory is full; free some space', { cause: error })
    : error
}

import { ingestImage } from '../volume/ingest.ts'
import type { Volumes } from '../volume/volumes.ts'
import { download } from './download.ts'

/** What to download, and into which volume. */
export interface ImageImport {
  readonly id: string
  readonly sizeBytes: number
  readonly url: string
  readonly signal: AbortSignal
  /** Told between 0 and 100. */
  readonly onProgress: (percent: number) => void
}

/** Brings an image into a volume: the volume is complete when it resolves, and nothing is left behind when it rejects. */
export type ImportImage = (volumes: Volumes, request: ImageImport) => Promise<void>

/** Downloads over http or https. @throws VOLUME_SOURCE_FAILED, VOLUME_IMAGE_REFUSED, VOLUME_IMAGE_TOO_BIG, VOLUME_NO_SPACE. */
export const importImage: ImportImage = async (volumes, { id, sizeBytes, url, signal, onProgress }) => {
  const { chunks, lengthBytes } = await download(url, signal)
  await ingestImage(volumes, {
    id,
    sizeBytes,
    chunks,
    signal,
    onProgress,
    ...(lengthBytes === undefined ? {} : { lengthBytes }),
  })
}

import { WeirError } from '@weir/base'
import { openUrl } from '@weir/images'
import { ingestImage } from '../volume/ingest.ts'
import type { Volumes } from '../volume/volumes.ts'

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

/** Downloads over http or https. @throws IMAGE_SOURCE, VOLUME_IMAGE_REFUSED, VOLUME_IMAGE_TOO_BIG, VOLUME_NO_SPACE. */
export const importImage: ImportImage = async (volumes, { id, sizeBytes, url, signal, onProgress }) => {
  if (!/^https?:\/\//iu.test(url))
    throw new WeirError(
      'VOLUME_IMAGE_REFUSED',
      `\`spec.source.http.url\` must begin with http:// or https://, not '${url.slice(0, 100)}'`,
    )
  const { bytes, sizeBytes: lengthBytes } = await openUrl(url, { signal })
  await ingestImage(volumes, {
    id,
    sizeBytes,
    chunks: bytes,
    signal,
    onProgress,
    ...(lengthBytes === undefined ? {} : { lengthBytes }),
  })
}

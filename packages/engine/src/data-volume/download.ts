import { WeirError } from '@weir/base'

/**
 * The bytes behind an http or https address, and their number if the server tells.
 * @throws VOLUME_SOURCE_FAILED if it cannot be reached or answers with anything but 200.
 */
export async function download(
  url: string,
  signal: AbortSignal,
): Promise<{ readonly chunks: AsyncIterable<Uint8Array>; readonly lengthBytes: number | undefined }> {
  if (!/^https?:\/\//iu.test(url))
    throw new WeirError(
      'VOLUME_IMAGE_REFUSED',
      `\`spec.source.http.url\` must begin with http:// or https://, not '${url.slice(0, 100)}'`,
    )
  const response = await fetch(url, { signal, headers: { 'accept-encoding': 'identity' } }).catch((cause: unknown) => {
    if (signal.aborted) throw cause
    throw new WeirError('VOLUME_SOURCE_FAILED', `'${withoutQuery(url)}' cannot be reached`, { cause })
  })
  if (response.status !== 200 || response.body === null)
    throw new WeirError('VOLUME_SOURCE_FAILED', `'${withoutQuery(url)}' answered ${response.status}`)
  const length = Number(response.headers.get('content-length') ?? Number.NaN)
  return { chunks: response.body as AsyncIterable<Uint8Array>, lengthBytes: Number.isSafeInteger(length) ? length : undefined }
}

/** Queries may hold signatures. */
const withoutQuery = (url: string): string => url.split('?')[0] ?? ''

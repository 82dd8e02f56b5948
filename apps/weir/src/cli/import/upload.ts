import { cdiConfig, dataVolume } from '@weir/api'
import { isWeirError, WeirError } from '@weir/base'
import type { FilePlace } from '@weir/images'
import { createHttpsTransport } from '../https-transport.ts'
import type { Session } from '../session.ts'
import { handOver } from './hand-over.ts'
import { pause } from '../pause.ts'

/** Bytes for a DataVolume that waits for an upload. */
export interface Upload {
  readonly name: string
  /** Undefined if it is known at their end only. */
  readonly sizeBytes: number | undefined
  readonly bytes: AsyncIterable<Uint8Array>
  /** Where they lie if they are in a file of this machine. */
  readonly place?: FilePlace
  readonly onSent: (sentBytes: number) => void
}

const readyMillis = 60_000
const longestPollMillis = 50

/**
 * Waits until the DataVolume takes an upload, brings the bytes there, and waits until it is complete. A data center on this machine
 * reads them itself if it can; all others get them by HTTPS. @throws CLI_UPLOAD_FAILED with the server's words.
 */
export async function uploadDisk(session: Session, upload: Upload): Promise<void> {
  const key = { namespace: session.namespace, name: upload.name }
  await waitForPhase(session, key, 'UploadReady')
  const token = await requestToken(session, upload.name)
  const { place, onSent } = upload
  const taken = place === undefined ? undefined : await handOver(session, { token, place, onSent })
  const { code, body } = taken ?? (await send(session, upload, token))
  if (code !== 200)
    throw new WeirError('CLI_UPLOAD_FAILED', `'${upload.name}' was not taken (${code}): ${body.trim().slice(0, 500)}`)
  await waitForPhase(session, key, 'Succeeded')
}

/** Sends the bytes by HTTPS to where the cluster takes uploads, as CDI's clients do. */
async function send(session: Session, upload: Upload, token: string): Promise<{ readonly code: number; readonly body: string }> {
  const config = await session.client.get(cdiConfig, { name: 'config' })
  const server = config.spec?.uploadProxyURLOverride ?? config.status?.uploadProxyURL
  if (server === undefined)
    throw new WeirError(
      'CLI_UPLOAD_FAILED',
      'CDIConfig `config` names no `status.uploadProxyURL`; the cluster cannot take uploads',
    )
  const address = server.includes('://') ? server : `https://${server}`
  const transport = createHttpsTransport({ ...session.connection, server: address, token })
  try {
    const response = await transport.request({
      method: 'POST',
      path: '/v1beta1/upload',
      headers: {
        'content-type': 'application/octet-stream',
        ...(upload.sizeBytes === undefined ? {} : { 'content-length': String(upload.sizeBytes) }),
      },
      body: counted(upload),
      signal: session.signal,
    })
    return { code: response.code, body: await readText(response.body) }
  } finally {
    transport.close()
  }
}

async function* counted({ bytes, onSent }: Upload): AsyncGenerator<Uint8Array> {
  let sent = 0
  for await (const part of bytes) {
    // A connection holds several, and only the last one is good.
    yield Buffer.from(part)
    sent += part.length
    onSent(sent)
  }
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const part of body) text += Buffer.from(part).toString('utf8')
  return text
}

async function requestToken({ client, namespace }: Session, pvcName: string): Promise<string> {
  const answer = (await client.raw(
    'POST',
    `/apis/upload.cdi.kubevirt.io/v1beta1/namespaces/${encodeURIComponent(namespace)}/uploadtokenrequests`,
    {
      apiVersion: 'upload.cdi.kubevirt.io/v1beta1',
      kind: 'UploadTokenRequest',
      metadata: { name: pvcName, namespace },
      spec: { pvcName },
    },
  )) as { readonly status?: { readonly token?: string } }
  const token = answer.status?.token
  if (token === undefined) throw new WeirError('CLI_UPLOAD_FAILED', 'the server gave no upload token')
  return token
}

/** Polls, since a watch of one object for a second would cost more than it saves. @throws CLI_UPLOAD_FAILED if it fails or takes a minute. */
async function waitForPhase(
  { client, signal }: Session,
  key: { readonly namespace: string; readonly name: string },
  wanted: string,
): Promise<void> {
  const deadline = performance.now() + readyMillis
  let pauseMillis = 5
  for (;;) {
    signal.throwIfAborted()
    const found = await client.get(dataVolume, key, signal).catch((error: unknown) => {
      if (!isWeirError(error, 'API_NOT_FOUND')) throw error
      return undefined
    })
    const phase = found?.status?.phase
    if (phase === wanted) return
    const why = found?.status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? ''
    if (phase === 'Failed') throw new WeirError('CLI_UPLOAD_FAILED', `DataVolume '${key.name}' failed: ${why}`)
    if (performance.now() > deadline)
      throw new WeirError(
        'CLI_UPLOAD_FAILED',
        `DataVolume '${key.name}' is not ${wanted} after a minute (${phase ?? 'not there'}: ${why})`,
      )
    await pause(pauseMillis, signal)
    pauseMillis = Math.min(longestPollMillis, pauseMillis * 2)
  }
}

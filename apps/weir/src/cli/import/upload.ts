import { cdiConfig, dataVolume } from '@weir/api'
import { WeirError } from '@weir/base'
import { createHttpsTransport } from '../https-transport.ts'
import type { Session } from '../session.ts'

/** Bytes for a DataVolume that waits for an upload. */
export interface Upload {
  readonly name: string
  readonly sizeBytes: number
  readonly bytes: AsyncIterable<Uint8Array>
  readonly onSent: (sentBytes: number) => void
}

const readyMillis = 60_000

/** Waits until the DataVolume takes an upload, sends it there, and waits until it is complete. @throws CLI_UPLOAD_FAILED with the server's words. */
export async function uploadDisk(session: Session, upload: Upload): Promise<void> {
  const key = { namespace: session.namespace, name: upload.name }
  await waitForPhase(session, key, 'UploadReady')
  const [token, config] = await Promise.all([
    requestToken(session, upload.name),
    session.client.get(cdiConfig, { name: 'config' }),
  ])
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
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(upload.sizeBytes) },
      body: counted(upload),
      signal: session.signal,
    })
    const text = await readText(response.body)
    if (response.code !== 200)
      throw new WeirError('CLI_UPLOAD_FAILED', `'${upload.name}' was not taken (${response.code}): ${text.trim().slice(0, 500)}`)
  } finally {
    transport.close()
  }
  await waitForPhase(session, key, 'Succeeded')
}

async function* counted({ bytes, onSent }: Upload): AsyncGenerator<Uint8Array> {
  let sent = 0
  for await (const part of bytes) {
    yield part
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
  for (;;) {
    signal.throwIfAborted()
    const found = await client.get(dataVolume, key, signal).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'API_NOT_FOUND') return undefined
      throw error
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
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
  }
}

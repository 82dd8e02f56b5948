import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type HandOver, handOverPath, type HandOverReport } from '@weir/api'
import { isWeirError, WeirError } from '@weir/base'
import { type FilePlace, identityOf, isSameFile } from '@weir/images'
import { readPort } from '../../daemon/port-file.ts'
import { stateDirectory } from '../../daemon/state-directory.ts'
import { createSocketTransport } from '../https-transport.ts'
import type { Connection } from '../kubeconfig.ts'
import type { Session } from '../session.ts'

/** A disk in a file of this machine, for a DataVolume whose upload `token` allows. */
export interface LocalDisk {
  readonly token: string
  readonly place: FilePlace
  readonly onSent: (sentBytes: number) => void
}

/** What the data center says of an image that it has tried to read. */
export type Verdict = Extract<HandOverReport, { kind: 'Verdict' }>

/**
 * Has the data center read a disk out of our open file while we compare it with its manifest; resolves with what it says in the end,
 * or undefined if it cannot read it: it is another one's, or runs elsewhere. Then nothing has happened.
 * @throws IMAGE_CHECKSUM, IMAGE_TRUNCATED, or CLI_UPLOAD_FAILED if the file was written to meanwhile.
 */
export async function handOver(
  { connection, signal }: Session,
  { token, place, onSent }: LocalDisk,
): Promise<Verdict | undefined> {
  const socket = uploadSocketOf(connection)
  if (socket === undefined) return undefined
  const identity = await identityOf(place.file)
  const { offset, lengthBytes } = place
  const body: HandOver = { file: { pid: process.pid, fd: place.file.fd, identity }, offset, lengthBytes }
  const failed = new AbortController()
  const response = await createSocketTransport(socket, { ...connection, token })
    .request({
      method: 'POST',
      path: handOverPath,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, failed.signal]),
    })
    .catch((error: unknown) => {
      // A socket that a data center which was killed has left.
      if (!isWeirError(error, 'CLIENT_UNREACHABLE')) throw error
    })
  if (response === undefined || isElsewhere(response.code)) return undefined
  const verify = async (): Promise<void> => {
    await place.verify()
    if (!isSameFile(identity, await identityOf(place.file)))
      throw new WeirError('CLI_UPLOAD_FAILED', 'the file changed while it was imported; import it again')
  }
  try {
    const [verdict] = await Promise.all([readReports(response, onSent), verify()])
    return verdict
  } catch (error) {
    failed.abort(error)
    signal.throwIfAborted()
    throw error
  }
}

/** The socket of the data center that `connection` leads to, if that runs on this machine and is ours to talk to. */
function uploadSocketOf({ path, server }: Connection): string | undefined {
  const { hostname, port } = new URL(server)
  if (hostname !== '127.0.0.1' && hostname !== 'localhost') return undefined
  const homes = [stateDirectory({ WEIR_HOME: dirname(path) }), stateDirectory()]
  return homes.find(({ portFile, uploadSocket }) => readPort(portFile) === Number(port) && isSocket(uploadSocket))?.uploadSocket
}

const isSocket = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isSocket() === true

/** No such path or token there, or a file that it may not read. */
const isElsewhere = (code: number): boolean => code === 401 || code === 404 || code === 422

/** @throws CLI_UPLOAD_FAILED if they end before the verdict. */
async function readReports(
  { code, body }: { readonly code: number; readonly body: AsyncIterable<Uint8Array> },
  onSent: (sentBytes: number) => void,
): Promise<Verdict> {
  let text = ''
  try {
    for await (const part of body) {
      text += Buffer.from(part).toString('utf8')
      if (code !== 200) continue
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) {
        const report = JSON.parse(line) as HandOverReport
        if (report.kind === 'Verdict') return report
        onSent(report.readBytes)
      }
    }
  } catch (cause) {
    throw broken(cause)
  }
  if (code === 200) throw broken(undefined)
  return { kind: 'Verdict', code, body: text }
}

const broken = (cause: unknown): WeirError =>
  new WeirError('CLI_UPLOAD_FAILED', 'the data center ended while it read the disk; start it again, then repeat the import', {
    cause,
  })

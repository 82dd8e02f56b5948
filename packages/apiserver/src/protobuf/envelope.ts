import { badRequest, Failure } from '../failure.ts'
import type { JsonObject } from '../schema/json.ts'
import { fieldsOfKind } from './kinds.ts'
import { decodeMessage, type Fields } from './message.ts'
import { bytesOf, fieldsOf, textOf } from './wire.ts'

const magic = Buffer.from('k8s\0')
const mediaType = 'application/vnd.kubernetes.protobuf'

/**
 * The object in a body of `application/vnd.kubernetes.protobuf`, as JSON.
 * @throws 400 if it cannot be read, 415 if it is of a kind that is not read from protobuf.
 */
export function decodeProtobuf(body: Uint8Array): JsonObject {
  if (!magic.equals(body.subarray(0, magic.length))) {
    throw badRequest('the body could not be read as protobuf: it does not begin with the four bytes `k8s` and 0')
  }
  const { apiVersion, kind, raw, isPlain } = unwrap(body.subarray(magic.length))
  const fields = fieldsOfKind(apiVersion, kind)
  if (fields === undefined || !isPlain) {
    const what = `${apiVersion} ${kind}`.slice(0, 128)
    throw new Failure(
      415,
      'UnsupportedMediaType',
      `${what} is not read from ${mediaType}: send it as application/json or application/yaml`,
    )
  }
  return { apiVersion, kind, ...decodeMessage(raw, fields) }
}

interface Unknown {
  readonly apiVersion: string
  readonly kind: string
  readonly raw: Uint8Array
  /** False if what is in it is packed or in another format. */
  readonly isPlain: boolean
}

const typeMeta: Fields = {
  1: { name: 'apiVersion', type: { kind: 'Text' } },
  2: { name: 'kind', type: { kind: 'Text' } },
}

/** `runtime.Unknown`, which tells what the bytes in it are. */
function unwrap(bytes: Uint8Array): Unknown {
  const parts = new Map([...fieldsOf(bytes)].map(({ number, value }) => [number, bytesOf(value)]))
  const none = new Uint8Array()
  const { apiVersion = '', kind = '' } = decodeMessage(parts.get(1) ?? none, typeMeta) as Partial<Unknown>
  const [encoding, type] = [textOf(parts.get(3) ?? none), textOf(parts.get(4) ?? none)]
  return { apiVersion, kind, raw: parts.get(2) ?? none, isPlain: encoding === '' && (type === '' || type === mediaType) }
}

import { load } from 'js-yaml'
import { badRequest, tooLarge, unsupportedMediaType } from './failure.ts'
import { decodeProtobuf } from './protobuf/envelope.ts'
import { inspectJson } from './schema/duplicate-keys.ts'
import type { ApiRequest } from './request.ts'

/** As the real API server: what etcd takes and some. */
const maxBodyBytes = 3 * 1024 * 1024
const maxDepth = 500

/** The media type of a request, without parameters. */
export const mediaTypeOf = ({ headers }: Pick<ApiRequest, 'headers'>): string =>
  (headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? ''

/** The whole body. @throws 413 as soon as it is longer than 3 MiB. */
async function readBody(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body) {
    length += part.length
    if (length > maxBodyBytes) throw tooLarge(maxBodyBytes)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** A body read as JSON, YAML or protobuf, and the keys that stood there twice; undefined if it is empty. @throws 400, 413, 415. */
export async function decodeBody(
  request: ApiRequest,
): Promise<{ readonly value: unknown; readonly duplicates: readonly string[] }> {
  const mediaType = mediaTypeOf(request)
  if (mediaType.includes('cbor')) throw unsupportedMediaType(mediaType, 'application/json, application/yaml')
  const bytes = await readBody(request.body)
  if (bytes.length === 0) return { value: undefined, duplicates: [] }
  if (mediaType === 'application/vnd.kubernetes.protobuf') return { value: decodeProtobuf(bytes), duplicates: [] }
  const text = bytes.toString('utf8')
  return mediaType.endsWith('yaml') ? { value: parseYaml(text), duplicates: [] } : parseJson(text)
}

function parseJson(text: string): { readonly value: unknown; readonly duplicates: readonly string[] } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw badRequest(`the body could not be read as JSON: ${error instanceof Error ? error.message : ''}`)
  }
  const { duplicates, depth } = inspectJson(text)
  if (depth > maxDepth) throw badRequest(`the body is nested deeper than ${maxDepth} levels`)
  return { value, duplicates }
}

const maxNodes = 500_000

/** Aliases let a short text stand for a huge tree: what it expands to is counted, and no further than allowed. */
function assertBounded(root: unknown): void {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: root, depth: 0 }]
  for (let count = 0, next = open.pop(); next !== undefined; next = open.pop()) {
    if (++count > maxNodes || next.depth > maxDepth)
      throw new Error(`it expands to more than ${maxNodes} values or ${maxDepth} levels`)
    const { value, depth } = next
    if (typeof value === 'object' && value !== null)
      for (const item of Object.values(value) as unknown[]) open.push({ value: item, depth: depth + 1 })
  }
}

function parseYaml(text: string): unknown {
  try {
    const value = load(text)
    assertBounded(value)
    return value
  } catch (error) {
    throw badRequest(`the body could not be read as YAML: ${error instanceof Error ? error.message : ''}`)
  }
}

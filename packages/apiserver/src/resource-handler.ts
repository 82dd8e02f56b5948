import type { KindDefinition, KubernetesObject } from '@weir/api'
import type { Clock } from '@weir/base'
import type { RevisionLog } from '@weir/store'
import { decodeBody, mediaTypeOf } from './body.ts'
import { isKind } from './builtin-rules.ts'
import { badRequest, Failure, methodNotAllowed, notFound, tooLargeRevision } from './failure.ts'
import { listObjects } from './list/list.ts'
import { revisionOf, type Scope, selectorOf } from './list/scope.ts'
import { asObjectOf, type Part } from './object-rules.ts'
import type { Objects, WriteOptions } from './objects.ts'
import { parsePatch } from './patch.ts'
import { flagOf } from './query.ts'
import { formOf, represent, type Representation } from './represent.ts'
import type { ApiRequest, ApiResponse } from './request.ts'
import { deletionOptionsOf, writeOptionsOf } from './request-options.ts'
import type { ResourcePath } from './route.ts'
import { asServed, parseStored, prefixOf } from './stored.ts'
import { warningHeader } from './warnings.ts'
import { watchObjects } from './watch/watch.ts'

export interface ResourceDeps {
  readonly log: RevisionLog
  readonly objects: Objects
  readonly clock: Clock
  readonly random: () => number
}

/** A request for objects of a kind. */
interface Call {
  readonly request: ApiRequest
  readonly kind: KindDefinition
  readonly path: ResourcePath
  readonly as: Representation
  readonly warnings: string[]
}

/** Kubernetes' verb for a request, as authorization knows it. */
export function verbOf({ method, query }: Pick<ApiRequest, 'method' | 'query'>, { name }: Pick<ResourcePath, 'name'>): string {
  const isWatch = flagOf(query, 'watch')
  switch (method) {
    case 'GET':
    case 'HEAD':
      return name !== undefined && !isWatch ? 'get' : isWatch ? 'watch' : 'list'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete'
    default:
      return method.toLowerCase()
  }
}

/** Answers every verb on stored kinds. */
export function createResourceHandler(
  deps: ResourceDeps,
): (request: ApiRequest, kind: KindDefinition, path: ResourcePath) => Promise<ApiResponse> {
  const verbs: Readonly<Record<string, (deps: ResourceDeps, call: Call) => Promise<ApiResponse> | ApiResponse>> = {
    get: getObject,
    list,
    watch,
    create,
    update,
    patch,
    delete: deleteObject,
    deletecollection: deleteCollection,
  }
  return async (request, kind, path) => {
    checkPath(kind, path)
    const verb = verbOf(request, path)
    const run = verbs[verb]
    if (run === undefined || !isAllowed(verb, path)) throw methodNotAllowed()
    const includeObject = request.query.get('includeObject')
    const as: Representation = {
      form: formOf(request.headers['accept']),
      includeObject: includeObject === 'None' || includeObject === 'Object' ? includeObject : 'Metadata',
      now: deps.clock.now(),
    }
    const warnings: string[] = []
    const response = await run(deps, { request, kind, path, as, warnings })
    const warning = warningHeader(warnings)
    return warning === undefined ? response : { ...response, headers: { ...response.headers, warning } }
  }
}

/** Parts of objects are read and changed, never listed, made or deleted; what is changed has a name. */
function isAllowed(verb: string, { name, subresource }: ResourcePath): boolean {
  const isChange = verb === 'update' || verb === 'patch'
  if (isChange) return name !== undefined
  return subresource === undefined || verb === 'get'
}

/** A path must fit the kind's scope, and name a subresource that there is. */
function checkPath(kind: KindDefinition, { namespace, name, subresource, tail }: ResourcePath): void {
  const isNamed = name !== undefined
  const hasPart =
    subresource === undefined ||
    (subresource === 'status' && kind.statusSubresource === true) ||
    (subresource === 'finalize' && kind.kind === 'Namespace' && kind.group === '')
  const isScoped = kind.namespaced ? !isNamed || namespace !== undefined : namespace === undefined
  if (!hasPart || !isScoped || tail !== '') throw new Failure(404, 'NotFound', 'the server could not find the requested resource')
}

const partOf = ({ subresource }: ResourcePath): Part =>
  subresource === 'status' || subresource === 'finalize' ? subresource : 'main'
const nameOf = ({ namespace = '', name = '' }: ResourcePath): { readonly namespace: string; readonly name: string } => ({
  namespace,
  name,
})
const scopeOf = ({ kind, path }: Call): Scope => ({ kind, namespace: path.namespace, name: path.name })

const jsonHeaders = { 'content-type': 'application/json' }
const answer = (code: number, body: ApiResponse['body']): ApiResponse => ({ code, headers: jsonHeaders, body })
const answerObject = (code: number, { kind, as }: Call, text: string): ApiResponse =>
  answer(code, `${represent(kind, asServed(text, kind), as)}\n`)

function getObject({ objects, log }: ResourceDeps, call: Call): ApiResponse {
  const asked = revisionOf(call.request.query)
  if (asked > log.head()) throw tooLargeRevision(asked, log.head())
  return answerObject(200, call, objects.get(call.kind, nameOf(call.path)).value)
}

const list = ({ log }: ResourceDeps, call: Call): ApiResponse =>
  answer(200, listObjects(log, scopeOf(call), { query: call.request.query, as: call.as }))

const watch = ({ log, clock, random }: ResourceDeps, call: Call): ApiResponse =>
  answer(
    200,
    watchObjects({ log, clock, random }, scopeOf(call), { query: call.request.query, as: call.as, signal: call.request.signal }),
  )

async function create({ objects }: ResourceDeps, call: Call): Promise<ApiResponse> {
  const { kind, path } = call
  if (path.name !== undefined) throw methodNotAllowed()
  const object = await objectIn(call)
  const namespace = kind.namespaced ? (path.namespace ?? '') : ''
  if (object.metadata.namespace !== undefined && object.metadata.namespace !== '' && object.metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  return answerObject(201, call, await objects.create(kind, object, { ...writeOptions(call), namespace }))
}

async function update({ objects }: ResourceDeps, call: Call): Promise<ApiResponse> {
  const { kind, path } = call
  const object = await objectIn(call)
  const isUnconditional = (object.metadata.resourceVersion ?? '') === ''
  if (isUnconditional && partOf(path) === 'main' && kind.group.includes('.') && !kind.group.endsWith('.k8s.io')) {
    throw new Failure(
      422,
      'Invalid',
      `${kind.plural}.${kind.group} "${object.metadata.name}" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update`,
      {
        name: object.metadata.name,
        group: kind.group,
        kind: kind.kind,
        causes: [{ field: 'metadata.resourceVersion', reason: 'FieldValueInvalid', message: 'must be specified for an update' }],
      },
    )
  }
  return answerObject(
    200,
    call,
    await objects.update(kind, nameOf(path), { part: partOf(path), options: writeOptions(call), change: () => object }),
  )
}

async function patch({ objects }: ResourceDeps, call: Call): Promise<ApiResponse> {
  const { kind, path, request } = call
  const mediaType = mediaTypeOf(request)
  // An unknown kind of patch is refused before its body is read.
  parsePatch(kind, mediaType, mediaType === 'application/json-patch+json' ? [] : {})
  const { value } = await decodeBody(request)
  const apply = parsePatch(kind, mediaType, value)
  const text = await objects.update(kind, nameOf(path), {
    part: partOf(path),
    options: writeOptions(call),
    change: (old) => asObjectOf(kind, apply(old)),
  })
  return answerObject(200, call, text)
}

async function deleteObject({ objects }: ResourceDeps, call: Call): Promise<ApiResponse> {
  const { kind, path } = call
  const options = await deletionOptionsOf(call.request)
  const { done, text } = await objects.delete(kind, nameOf(path), options)
  if (!done) return answerObject(200, call, text)
  const { uid, name } = parseStored(text).metadata
  const details = { name, ...(kind.group === '' ? {} : { group: kind.group }), kind: kind.plural, uid }
  return answer(200, JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }))
}

async function deleteCollection({ objects, log }: ResourceDeps, call: Call): Promise<ApiResponse> {
  const { kind, path, request } = call
  if ((kind.namespaced && path.namespace === undefined) || isKind(kind, '', 'Namespace')) throw methodNotAllowed()
  const options = await deletionOptionsOf(call.request)
  const selector = selectorOf(request.query, scopeOf(call))
  const wanted = log
    .list({ prefix: prefixOf(kind, path.namespace ?? '') })
    .entries.map(({ value }) => parseStored(value))
    .filter((object) => selector === undefined || selector(object))
  for (const { metadata } of wanted) {
    await objects.delete(kind, { namespace: metadata.namespace ?? '', name: metadata.name }, options).catch((error: unknown) => {
      if (!(error instanceof Failure) || error.status.code !== 404) throw error
    })
  }
  return answer(
    200,
    JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { kind: kind.plural } }),
  )
}

async function objectIn(call: Call): Promise<KubernetesObject> {
  const { kind, request, path } = call
  const { value, duplicates } = await decodeBody(request)
  if (value === undefined) throw badRequest('the body must be a JSON object')
  const { fieldValidation } = writeOptions(call)
  if (duplicates.length > 0 && fieldValidation !== 'Ignore') {
    const texts = duplicates.map((field) => `duplicate field "${field}"`)
    if (fieldValidation === 'Strict') throw badRequest(`strict decoding error: ${texts.join(', ')}`)
    call.warnings.push(...texts)
  }
  const object = asObjectOf(kind, value)
  if (path.name !== undefined && !object.metadata.name) throw notFound(kind, '')
  return object
}

const writeOptions = ({ request, warnings }: Call): WriteOptions => writeOptionsOf(request.query, (text) => warnings.push(text))

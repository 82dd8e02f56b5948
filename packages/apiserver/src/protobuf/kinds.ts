import type { Field, Fields, MessageType, ScalarType, Type } from './message.ts'

const text: ScalarType = { kind: 'Text' }
const bytes: ScalarType = { kind: 'Bytes' }
const integer: ScalarType = { kind: 'Integer' }
const boolean: ScalarType = { kind: 'Boolean' }
const time: ScalarType = { kind: 'Time' }
const microTime: ScalarType = { kind: 'MicroTime' }
const message = (fields: Fields): MessageType => ({ kind: 'Message', fields })
const listOf = (of: ScalarType | MessageType): Type => ({ kind: 'List', of })
const mapOf = (of: ScalarType | MessageType): Type => ({ kind: 'Map', of })
const field = (name: string, type: Type): Field => ({ name, type })
const pointer = (name: string, type: Type): Field => ({ name, type, isPointer: true })

// Numbers and types are those of the .proto files that Kubernetes publishes (k8s.io/api, k8s.io/apimachinery, v0.35).
// `managedFields` is passed over: nothing here keeps it.

const objectMeta = message({
  1: field('name', text),
  2: field('generateName', text),
  3: field('namespace', text),
  5: field('uid', text),
  6: field('resourceVersion', text),
  7: field('generation', integer),
  8: field('creationTimestamp', time),
  9: field('deletionTimestamp', time),
  10: pointer('deletionGracePeriodSeconds', integer),
  11: field('labels', mapOf(text)),
  12: field('annotations', mapOf(text)),
  13: field(
    'ownerReferences',
    listOf(
      message({
        1: field('kind', text),
        3: field('name', text),
        4: field('uid', text),
        5: field('apiVersion', text),
        6: pointer('controller', boolean),
        7: pointer('blockOwnerDeletion', boolean),
      }),
    ),
  ),
  14: field('finalizers', listOf(text)),
})

const objectReference = message({
  1: field('kind', text),
  2: field('namespace', text),
  3: field('name', text),
  4: field('uid', text),
  5: field('apiVersion', text),
  6: field('resourceVersion', text),
  7: field('fieldPath', text),
})

const namespace: Fields = {
  1: field('metadata', objectMeta),
  2: field('spec', message({ 1: field('finalizers', listOf(text)) })),
  3: field(
    'status',
    message({
      1: field('phase', text),
      2: field(
        'conditions',
        listOf(
          message({
            1: field('type', text),
            2: field('status', text),
            4: field('lastTransitionTime', time),
            5: field('reason', text),
            6: field('message', text),
          }),
        ),
      ),
    }),
  ),
}

const configMap: Fields = {
  1: field('metadata', objectMeta),
  2: field('data', mapOf(text)),
  3: field('binaryData', mapOf(bytes)),
  4: pointer('immutable', boolean),
}

const secret: Fields = {
  1: field('metadata', objectMeta),
  2: field('data', mapOf(bytes)),
  3: field('type', text),
  4: field('stringData', mapOf(text)),
  5: pointer('immutable', boolean),
}

const serviceAccount: Fields = {
  1: field('metadata', objectMeta),
  2: field('secrets', listOf(objectReference)),
  3: field('imagePullSecrets', listOf(message({ 1: field('name', text) }))),
  4: pointer('automountServiceAccountToken', boolean),
}

const event: Fields = {
  1: field('metadata', objectMeta),
  2: field('involvedObject', objectReference),
  3: field('reason', text),
  4: field('message', text),
  5: field('source', message({ 1: field('component', text), 2: field('host', text) })),
  6: field('firstTimestamp', time),
  7: field('lastTimestamp', time),
  8: field('count', integer),
  9: field('type', text),
  10: field('eventTime', microTime),
  11: field('series', message({ 1: field('count', integer), 2: field('lastObservedTime', microTime) })),
  12: field('action', text),
  13: field('related', objectReference),
  14: field('reportingComponent', text),
  15: field('reportingInstance', text),
}

const lease: Fields = {
  1: field('metadata', objectMeta),
  2: field(
    'spec',
    message({
      1: pointer('holderIdentity', text),
      2: pointer('leaseDurationSeconds', integer),
      3: pointer('acquireTime', microTime),
      4: pointer('renewTime', microTime),
      5: pointer('leaseTransitions', integer),
      6: pointer('strategy', text),
      7: pointer('preferredHolder', text),
    }),
  ),
}

const resourceAttributes = message({
  1: field('namespace', text),
  2: field('verb', text),
  3: field('group', text),
  4: field('version', text),
  5: field('resource', text),
  6: field('subresource', text),
  7: field('name', text),
})
const nonResourceAttributes = message({ 1: field('path', text), 2: field('verb', text) })

/** The questions of `kubectl auth`. */
const selfSubjectAccessReview: Fields = {
  1: field('metadata', objectMeta),
  2: field(
    'spec',
    message({ 1: field('resourceAttributes', resourceAttributes), 2: field('nonResourceAttributes', nonResourceAttributes) }),
  ),
}
const subjectAccessReview: Fields = {
  1: field('metadata', objectMeta),
  2: field(
    'spec',
    message({
      1: field('resourceAttributes', resourceAttributes),
      2: field('nonResourceAttributes', nonResourceAttributes),
      3: field('user', text),
      4: field('groups', listOf(text)),
    }),
  ),
}
const selfSubjectRulesReview: Fields = {
  1: field('metadata', objectMeta),
  2: field('spec', message({ 1: field('namespace', text) })),
}
const selfSubjectReview: Fields = { 1: field('metadata', objectMeta) }

const deleteOptions: Fields = {
  1: pointer('gracePeriodSeconds', integer),
  2: field('preconditions', message({ 1: pointer('uid', text), 2: pointer('resourceVersion', text) })),
  3: pointer('orphanDependents', boolean),
  4: pointer('propagationPolicy', text),
  5: field('dryRun', listOf(text)),
}

/** What clients may send as protobuf: `apiVersion/kind` to its fields. DeleteOptions come in the version of what is deleted. */
const kinds: Readonly<Record<string, Fields>> = {
  'v1/Namespace': namespace,
  'v1/ConfigMap': configMap,
  'v1/Secret': secret,
  'v1/ServiceAccount': serviceAccount,
  'v1/Event': event,
  'coordination.k8s.io/v1/Lease': lease,
  'authorization.k8s.io/v1/SelfSubjectAccessReview': selfSubjectAccessReview,
  'authorization.k8s.io/v1/SelfSubjectRulesReview': selfSubjectRulesReview,
  'authorization.k8s.io/v1/SubjectAccessReview': subjectAccessReview,
  'authentication.k8s.io/v1/SelfSubjectReview': selfSubjectReview,
}

/** The fields of a kind, undefined if it is not read from protobuf. */
export function fieldsOfKind(apiVersion: string, kind: string): Fields | undefined {
  if (kind === 'DeleteOptions') return deleteOptions
  const name = `${apiVersion}/${kind}`
  return Object.hasOwn(kinds, name) ? kinds[name] : undefined
}

import { assert, property, uint8Array, array, tuple, integer, string, nat } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '../failure.ts'
import { decodeProtobuf } from './envelope.ts'
import { fieldsOf } from './wire.ts'

/** Bodies as the Go libraries of Kubernetes 1.35 write them, and the JSON that they write for the same objects. */
const golden: readonly (readonly [name: string, base64: string, json: string])[] = [
  [
    'Namespace, as kubectl creates it',
    'azhzAAoPCgJ2MRIJTmFtZXNwYWNlEhwKFAoEdGVhbRIAGgAiACoAMgA4AEIAEgAaAgoAGgAiAA==',
    String.raw`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"team"},"spec":{},"status":{}}`,
  ],
  [
    'Namespace with everything',
    'azhzAAoPCgJ2MRIJTmFtZXNwYWNlEv8BCskBCgR0ZWFtEgJ0ZRoAIgAqJDBhMWIyYzNkLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwZjICMTI4A0IICPLnhcwGEABKCAiChIbMBhAAUABaBgoBYRIBYloJCgVlbXB0eRIAYgkKAsO8EgPloLBqPAoJQ29uZmlnTWFwGgFvIiQwYTFiMmMzZC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMGYqAnYxMAA4AXIDeC95cgN6L3qKARAKAW0SBUFwcGx5GgAyAEIAEgwKCmt1YmVybmV0ZXMaIwoGQWN0aXZlEhkKAVgSBFRydWUiCAjy54XMBhAAKgFSMgFtGgAiAA==',
    String.raw`{"apiVersion":"v1","kind":"Namespace","metadata":{"annotations":{"ü":"堰"},"creationTimestamp":"2026-02-03T04:05:06Z","deletionGracePeriodSeconds":0,"deletionTimestamp":"2026-02-03T05:05:06Z","finalizers":["x/y","z/z"],"generateName":"te","generation":3,"labels":{"a":"b","empty":""},"name":"team","ownerReferences":[{"apiVersion":"v1","blockOwnerDeletion":true,"controller":false,"kind":"ConfigMap","name":"o","uid":"0a1b2c3d-0000-4000-8000-00000000000f"}],"resourceVersion":"12","uid":"0a1b2c3d-0000-4000-8000-00000000000f"},"spec":{"finalizers":["kubernetes"]},"status":{"conditions":[{"lastTransitionTime":"2026-02-03T04:05:06Z","message":"m","reason":"R","status":"True","type":"X"}],"phase":"Active"}}`,
  ],
  [
    'ConfigMap',
    'azhzAAoPCgJ2MRIJQ29uZmlnTWFwElMKGAoBYxIAGgdkZWZhdWx0IgAqADIAOABCABIOCglfX3Byb3RvX18SAXASBgoBYRIBMRIJCgVlbXB0eRIAGggKAWISAwAB/xoICgRub25lEgAgABoAIgA=',
    String.raw`{"apiVersion":"v1","binaryData":{"b":"AAH/","none":""},"data":{"__proto__":"p","a":"1","empty":""},"immutable":false,"kind":"ConfigMap","metadata":{"name":"c","namespace":"default"}}`,
  ],
  [
    'Secret',
    'azhzAAoMCgJ2MRIGU2VjcmV0EkcKGAoBcxIAGgdkZWZhdWx0IgAqADIAOABCABISCghwYXNzd29yZBIGZ2VoZWltGgZPcGFxdWUiDQoFcGxhaW4SBHRleHQoARoAIgA=',
    String.raw`{"apiVersion":"v1","data":{"password":"Z2VoZWlt"},"immutable":true,"kind":"Secret","metadata":{"name":"s","namespace":"default"},"stringData":{"plain":"text"},"type":"Opaque"}`,
  ],
  [
    'ServiceAccount',
    'azhzAAoUCgJ2MRIOU2VydmljZUFjY291bnQSQgoRCgFhEgAaACIAKgAyADgAQgASDwoAEgAaAXgiACoAMgA6ABIVCgZTZWNyZXQSABoBeSIAKgAyADoAGgMKAXAgABoAIgA=',
    String.raw`{"apiVersion":"v1","automountServiceAccountToken":false,"imagePullSecrets":[{"name":"p"}],"kind":"ServiceAccount","metadata":{"name":"a"},"secrets":[{"name":"x"},{"kind":"Secret","name":"y"}]}`,
  ],
  [
    'Event',
    'azhzAAoLCgJ2MRIFRXZlbnQS8gEKGgoDZS4xEgAaB2RlZmF1bHQiACoAMgA4AEIAElwKDlZpcnR1YWxNYWNoaW5lEgdkZWZhdWx0GgJ2bSIkMGExYjJjM2QtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDBmKg5rdWJldmlydC5pby92MTIBNzoEc3BlYxoHU3RhcnRlZCIHaXQgcnVucyoGCgFjEgFoMggI8ueFzAYQADoICPLnhcwGEABAAkoGTm9ybWFsUgwI8ueFzAYQuJ+k+AJaEAgFEgwI8ueFzAYQuJ+k+AJiBVN0YXJ0ag8KABIAGgFyIgAqADIAOgByAnJjegJyaRoAIgA=',
    String.raw`{"action":"Start","apiVersion":"v1","count":2,"eventTime":"2026-02-03T04:05:06.789123Z","firstTimestamp":"2026-02-03T04:05:06Z","involvedObject":{"apiVersion":"kubevirt.io/v1","fieldPath":"spec","kind":"VirtualMachine","name":"vm","namespace":"default","resourceVersion":"7","uid":"0a1b2c3d-0000-4000-8000-00000000000f"},"kind":"Event","lastTimestamp":"2026-02-03T04:05:06Z","message":"it runs","metadata":{"name":"e.1","namespace":"default"},"reason":"Started","related":{"name":"r"},"reportingComponent":"rc","reportingInstance":"ri","series":{"count":5,"lastObservedTime":"2026-02-03T04:05:06.789123Z"},"source":{"component":"c","host":"h"},"type":"Normal"}`,
  ],
  [
    'Lease',
    'azhzAAofChZjb29yZGluYXRpb24uazhzLmlvL3YxEgVMZWFzZRJEChwKAWwSABoLa3ViZS1zeXN0ZW0iACoAMgA4AEIAEiQKABAPGgwI8ueFzAYQuJ+k+AIiDgiAmfvw//////8BEOgHKAAaACIA',
    String.raw`{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l","namespace":"kube-system"},"spec":{"acquireTime":"2026-02-03T04:05:06.789123Z","holderIdentity":"","leaseDurationSeconds":15,"leaseTransitions":0,"renewTime":"1969-01-01T00:00:00.000001Z"}}`,
  ],
  [
    'DeleteOptions',
    'azhzAAoTCgJ2MRINRGVsZXRlT3B0aW9ucxJACAASKQokMGExYjJjM2QtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDBmEgE1GAAiCkZvcmVncm91bmQqA0FsbBoAIgA=',
    String.raw`{"apiVersion":"v1","dryRun":["All"],"gracePeriodSeconds":0,"kind":"DeleteOptions","orphanDependents":false,"preconditions":{"resourceVersion":"5","uid":"0a1b2c3d-0000-4000-8000-00000000000f"},"propagationPolicy":"Foreground"}`,
  ],
]

const failureOf = (bytes: Uint8Array): number | undefined => {
  try {
    decodeProtobuf(bytes)
    return undefined
  } catch (error) {
    if (error instanceof Failure) return error.status.code
    throw error
  }
}

/** A field of bytes. */
const field = (number: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2]), varint(BigInt(bytes.length)), bytes])
const varint = (value: bigint): Buffer => {
  const bytes: number[] = []
  let left = value
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128)
  return Buffer.from([...bytes, Number(left)])
}
const enclosed = (apiVersion: string, kind: string, raw: Uint8Array, ...more: readonly Buffer[]): Buffer =>
  Buffer.concat([
    Buffer.from('k8s\0'),
    field(1, Buffer.concat([field(1, Buffer.from(apiVersion)), field(2, Buffer.from(kind))])),
    field(2, raw),
    ...more,
  ])

describe('objects', () => {
  it.each(golden)('%s', (_, base64, json) => {
    const decoded = decodeProtobuf(Buffer.from(base64, 'base64'))
    expect(JSON.parse(JSON.stringify(decoded))).toEqual(JSON.parse(json))
  })

  it('keeps a key __proto__ as data', () => {
    const { data } = decodeProtobuf(Buffer.from(golden[2]?.[1] ?? '', 'base64')) as { readonly data: object }
    expect([Object.keys(data).toSorted(), Object.getPrototypeOf(data)]).toEqual([['__proto__', 'a', 'empty'], Object.prototype])
  })

  it('passes over fields that it does not know', () => {
    const raw = Buffer.concat([
      field(1, field(1, Buffer.from('n'))),
      field(200, Buffer.from('new')),
      Buffer.from([0x98, 0x06, 1]),
    ])
    expect(decodeProtobuf(enclosed('v1', 'ConfigMap', raw))).toMatchObject({ metadata: { name: 'n' } })
  })

  it('reads any numbers of texts in lists and maps, in order', () => {
    assert(
      property(array(tuple(string({ minLength: 1 }), string())), array(string()), (entries, finalizers) => {
        const data = entries.map(([key, value]) =>
          field(2, Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(value))])),
        )
        const metadata = field(1, Buffer.concat(finalizers.map((text) => field(14, Buffer.from(text)))))
        const decoded = decodeProtobuf(enclosed('v1', 'ConfigMap', Buffer.concat([metadata, ...data])))
        const expected = Object.fromEntries(entries.map(([key, value]) => [wellFormed(key), wellFormed(value)]))
        expect(decoded['data'] ?? {}).toEqual(expected)
        expect((decoded['metadata'] as { finalizers?: unknown }).finalizers ?? []).toEqual(finalizers.map(wellFormed))
      }),
    )
  })
})

/** Half of a pair of surrogates has no UTF-8. */
const wellFormed = (text: string): string => text.toWellFormed()

describe('what cannot be read', () => {
  it.each([
    ['other bytes', Buffer.from('{"kind":"ConfigMap"}'), 400],
    ['nothing but the beginning', Buffer.from('k8s\0'), 415],
    ['a kind that is not read', enclosed('v1', 'Pod', Buffer.alloc(0)), 415],
    ['a custom resource', enclosed('kubevirt.io/v1', 'VirtualMachine', Buffer.alloc(0)), 415],
    ['a name of Object', enclosed('constructor', 'toString', Buffer.alloc(0)), 415],
    ['packed content', enclosed('v1', 'ConfigMap', Buffer.alloc(0), field(3, Buffer.from('gzip'))), 415],
    ['content of another type', enclosed('v1', 'ConfigMap', Buffer.alloc(0), field(4, Buffer.from('application/json'))), 415],
    ['a length beyond the end', enclosed('v1', 'ConfigMap', Buffer.from([0x0a, 0x7f])), 400],
    ['a length of 2^63', enclosed('v1', 'ConfigMap', Buffer.concat([Buffer.from([0x0a]), varint(2n ** 63n)])), 400],
    [
      'a number of eleven bytes',
      enclosed('v1', 'ConfigMap', Buffer.concat([Buffer.from([0x20]), Buffer.alloc(10, 0xff), Buffer.from([1])])),
      400,
    ],
    ['the field 0', enclosed('v1', 'ConfigMap', Buffer.from([0x02, 0])), 400],
    ['a group', enclosed('v1', 'ConfigMap', Buffer.from([0x0b])), 400],
    ['a text that is not UTF-8', enclosed('v1', 'ConfigMap', field(1, field(1, Buffer.from([0xff])))), 400],
    ['a number where a text should be', enclosed('v1', 'ConfigMap', field(1, Buffer.from([0x08, 1]))), 400],
    ['bytes where a number should be', enclosed('v1', 'ConfigMap', field(4, Buffer.from('x'))), 400],
    [
      'an integer beyond 2^53',
      enclosed('v1', 'ConfigMap', field(1, Buffer.concat([Buffer.from([0x38]), varint(2n ** 60n)]))),
      400,
    ],
  ])('%s', (_, bytes, code) => {
    expect(failureOf(bytes)).toBe(code)
  })

  it('answers bytes of every kind with a Status or an object', () => {
    assert(
      property(uint8Array({ maxLength: 200 }), nat(golden.length - 1), integer({ min: 0, max: 400 }), (noise, index, at) => {
        const bytes = Buffer.from(golden[index]?.[1] ?? '', 'base64')
        expect([undefined, 400, 415]).toContain(failureOf(bytes.subarray(0, at)))
        expect([undefined, 400, 415]).toContain(failureOf(enclosed('v1', 'Event', noise)))
        bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length))
        expect([undefined, 400, 415]).toContain(failureOf(bytes))
      }),
      { numRuns: 500 },
    )
  })

  it('takes time by the length of the body, not by its square', () => {
    const finalizers = Buffer.concat(Array.from({ length: 200_000 }, () => field(14, Buffer.from('x/y'))))
    const { metadata } = decodeProtobuf(enclosed('v1', 'ConfigMap', field(1, finalizers))) as { metadata: { finalizers: [] } }
    expect(metadata.finalizers).toHaveLength(200_000)
  })
})

it('reads fixed widths as numbers', () => {
  const bytes = Buffer.from([0x0d, 1, 0, 0, 0, 0x11, 2, 0, 0, 0, 0, 0, 0, 0])
  expect([...fieldsOf(bytes)]).toEqual([
    { number: 1, value: 1n },
    { number: 2, value: 2n },
  ])
})

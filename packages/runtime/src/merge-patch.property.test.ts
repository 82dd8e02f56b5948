import { array, assert, boolean, constantFrom, dictionary, integer, letrec, oneof, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergePatchOf } from './merge-patch.ts'

type Json = Readonly<Record<string, unknown>>

const key = oneof(constantFrom('a', 'b', 'c', '__proto__', 'constructor'), string({ maxLength: 3 }))
const { record } = letrec<{ record: Json; value: unknown }>((tie) => ({
  record: dictionary(key, tie('value'), { maxKeys: 4 }),
  value: oneof({ maxDepth: 3 }, integer(), string(), boolean(), array(tie('value'), { maxLength: 3 }), tie('record')),
}))

/** RFC 7386, section 2, word for word. */
function apply(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const isObject = typeof target === 'object' && target !== null && !Array.isArray(target)
  const result = new Map(isObject ? Object.entries(target) : [])
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name)
    else result.set(name, apply(result.get(name), value))
  }
  return Object.fromEntries(result)
}
/** Fields in the order of their names; equality that does not stumble over `__proto__`. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))
      : inner,
  )
const sent = (patch: Json | undefined): unknown => JSON.parse(JSON.stringify(patch ?? {}))

describe('mergePatchOf', () => {
  it('turns the one into the other', () => {
    assert(
      property(record, record, (before, after) => {
        expect(canonical(apply(before, sent(mergePatchOf(before, after))))).toBe(canonical(after))
      }),
    )
  })

  it('says nothing if nothing changes', () => {
    assert(
      property(record, (value) => {
        expect(mergePatchOf(value, JSON.parse(JSON.stringify(value)) as Json)).toBeUndefined()
      }),
    )
  })

  it('says nothing of what stays', () => {
    expect(mergePatchOf({ a: 1, b: { c: 1, d: [1] } }, { b: { d: [1], c: 2 }, a: 1 })).toEqual({ b: { c: 2 } })
  })

  it('removes what is undefined, and takes undefined for absent', () => {
    expect(mergePatchOf({ a: 1, b: undefined }, { a: undefined, c: undefined })).toEqual({ a: null })
    expect(mergePatchOf({ a: { b: 1 } }, { a: { b: 1, c: undefined } })).toBeUndefined()
    expect(mergePatchOf({ a: [{ b: 1 }] }, { a: [{ b: 1, c: undefined }] })).toBeUndefined()
  })

  it('replaces arrays whole', () => {
    expect(mergePatchOf({ a: [1, 2] }, { a: [1] })).toEqual({ a: [1] })
  })

  it('takes a user who calls a field __proto__ by the word', () => {
    const before = JSON.parse('{"labels":{}}') as Json
    const after = JSON.parse('{"labels":{"__proto__":{"polluted":"yes"}}}') as Json
    expect(JSON.stringify(mergePatchOf(before, after))).toBe('{"labels":{"__proto__":{"polluted":"yes"}}}')
    expect(JSON.stringify(mergePatchOf(after, before))).toBe('{"labels":{"__proto__":null}}')
    expect(({} as Json)['polluted']).toBeUndefined()
  })
})

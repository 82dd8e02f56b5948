import { configMap, type KubernetesObject } from '@weir/api'
import { describe, expect, it } from 'vitest'
import { Failure } from './failure.ts'
import { parsePatch } from './patch.ts'

const object: KubernetesObject & { readonly data: Readonly<Record<string, string>> } = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a' },
  data: { x: '1' },
}

/** What an operation list makes of the object, or the code of the refusal. */
function applied(operations: readonly unknown[]): KubernetesObject | number {
  try {
    return parsePatch(configMap, 'application/json-patch+json', operations)(object)
  } catch (error) {
    if (error instanceof Failure) return error.status.code
    throw error
  }
}

describe('a JSON patch', () => {
  it('copies and moves, one operation on top of the other', () => {
    const operations = [
      { op: 'copy', from: '/data/x', path: '/data/y' },
      { op: 'move', from: '/data/x', path: '/data/z' },
      { op: 'test', path: '/data/y', value: '1' },
    ]
    expect(applied(operations)).toEqual({ ...object, data: { y: '1', z: '1' } })
    expect(object.data).toEqual({ x: '1' })
  })

  it('is refused as soon as its copies add more than 3 MiB, however few they are', () => {
    const doubling = Array.from({ length: 40 }, (_, index) => ({ op: 'copy', from: '/data', path: `/data/copy-${index}` }))
    expect(applied(doubling)).toBe(413)
    const large = [
      { op: 'add', path: '/data/large', value: 'x'.repeat(1 << 20) },
      ...Array.from({ length: 4 }, (_, index) => ({ op: 'copy', from: '/data/large', path: `/data/copy-${index}` })),
    ]
    expect(applied(large)).toBe(413)
    expect(applied(large.slice(0, 3))).toMatchObject({ data: { 'copy-1': 'x'.repeat(1 << 20) } })
  })

  it.each([
    [{ op: 'copy', path: '/data/y' }],
    [{ op: 'copy', from: 7, path: '/data/y' }],
    [{ op: 'move', from: '/constructor/prototype/x', path: '/data/y' }],
    [{ op: 'copy', from: '/__proto__/toString', path: '/data/y' }],
    [{ op: 'add', path: '/__proto__/x', value: 1 }],
    [{ op: 'add', value: 1 }],
    [{ op: 'add', path: 'data/y', value: 1 }],
    [{ op: 'copy', from: 'data/x', path: '/data/y' }],
    [[]],
  ])('refuses a place that names no field: %j', (operation) => {
    expect(applied([operation])).toBe(400)
  })

  it.each([
    [{ op: 'copy', from: '/none/there', path: '/data/y' }],
    [{ op: 'explode', path: '/data/x' }],
    [{ op: 'test', path: '/data/x', value: '2' }],
  ])('refuses what does not fit the object: %j', (operation) => {
    expect(applied([operation])).toBe(422)
  })
})

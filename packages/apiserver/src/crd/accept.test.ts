import type { Schema } from '@weir/api'
import { describe, expect, it } from 'vitest'
import { crdCauses, crdStatus } from './accept.ts'
import { type CustomResourceDefinition, kindDefinitionsOf } from './crd.ts'

const spec = (part: Schema): Schema => ({ type: 'object', properties: { spec: part } })
const aCrd = (
  openAPIV3Schema: Schema = spec({ type: 'string' }),
  more: Partial<CustomResourceDefinition['spec']> = {},
): CustomResourceDefinition => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.dev' },
  spec: {
    group: 'example.dev',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', shortNames: ['wi'] },
    versions: [
      { name: 'v1alpha1', served: true, storage: false, schema: { openAPIV3Schema } },
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema }, subresources: { status: {} } },
      { name: 'v0', served: false, storage: false, schema: { openAPIV3Schema } },
    ],
    ...more,
  },
})
const fields = (crd: CustomResourceDefinition) => [
  ...new Set(crdCauses(crd).map(({ field }) => field.replace(/^spec\.versions\[\d\]/u, 'v'))),
]
const at = 'v.schema.openAPIV3Schema'

describe('crdCauses', () => {
  it('accepts a structural definition', () => {
    expect(crdCauses(aCrd())).toEqual([])
  })

  it.each<[string, Schema, string[]]>([
    ['a root that is no object', { type: 'string' }, [`${at}.type`]],
    ['a level without a type', spec({}), [`${at}.properties[spec].type`]],
    ['an array without items', spec({ type: 'array' }), [`${at}.properties[spec].items`]],
    [
      'a pattern that RE2 does not know',
      spec({ type: 'string', pattern: String.raw`(a)\1` }),
      [`${at}.properties[spec].pattern`],
    ],
    ['a default that breaks its own rule', spec({ type: 'integer', default: 'x' }), [`${at}.properties[spec].default`]],
    ['types inside anyOf', spec({ type: 'object', anyOf: [{ type: 'object' }] }), [`${at}.properties[spec].anyOf[0].type`]],
    [
      'list maps without keys',
      spec({ type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' }),
      [`${at}.properties[spec].x-kubernetes-list-map-keys`],
    ],
  ])('refuses %s', (_, schema, expected) => {
    expect(fields(aCrd(schema))).toEqual(expected)
  })

  it('lets int-or-string stand as generators write it', () => {
    const anyOf: Schema[] = [{ type: 'integer' }, { type: 'string' }]
    expect(crdCauses(aCrd(spec({ 'x-kubernetes-int-or-string': true, anyOf })))).toEqual([])
  })

  it('refuses a name that is not plural and group, a webhook conversion, and no storage version', () => {
    const crd = { ...aCrd(undefined, { versions: [], conversion: { strategy: 'Webhook' } }), metadata: { name: 'x' } }
    expect(fields(crd)).toEqual(['metadata.name', 'spec.versions', 'spec.conversion.strategy'])
  })
})

describe('kindDefinitionsOf', () => {
  it('gives the served versions, storage first', () => {
    expect(kindDefinitionsOf(aCrd()).map(({ version, statusSubresource }) => [version, statusSubresource])).toEqual([
      ['v1', true],
      ['v1alpha1', false],
    ])
  })

  it('fills in the singular', () => {
    expect(kindDefinitionsOf(aCrd())[0]).toMatchObject({ singular: 'widget', shortNames: ['wi'], namespaced: true })
  })
})

describe('crdStatus', () => {
  const now = '2026-01-01T00:00:00Z'
  const later = '2026-01-02T00:00:00Z'
  const conditions = (crd: CustomResourceDefinition, others: Parameters<typeof crdStatus>[1]) =>
    crdStatus(crd, others, now).conditions.map(({ type, status }) => `${type}=${status}`)

  it('accepts names nobody has', () => {
    const status = crdStatus(aCrd(), kindDefinitionsOf(aCrd()), now)
    expect(status.acceptedNames).toEqual({
      kind: 'Widget',
      plural: 'widgets',
      singular: 'widget',
      listKind: 'WidgetList',
      shortNames: ['wi'],
    })
    expect(status.storedVersions).toEqual(['v1'])
    expect(conditions(aCrd(), [])).toEqual(['NamesAccepted=True', 'Established=True'])
  })

  it('refuses a short name or kind of another definition in the group', () => {
    const rival = aCrd(undefined, { names: { kind: 'Wisp', plural: 'wisps', shortNames: ['wi'] } })
    expect(conditions(aCrd(), kindDefinitionsOf(rival))).toEqual(['NamesAccepted=False', 'Established=False'])
    expect(crdStatus(aCrd(), kindDefinitionsOf(rival), now).conditions[0]?.message).toBe('"wi" is already in use')
  })

  it('says the same again, with the time of the first', () => {
    const first = crdStatus(aCrd(), [], now)
    expect(crdStatus({ ...aCrd(), status: first }, [], later)).toEqual(first)
  })
})

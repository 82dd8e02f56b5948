import { describe, expect, it } from 'vitest'
import { validateMetadata } from './metadata.ts'

const fields = (metadata: object, namespaced = false) =>
  validateMetadata(metadata as Readonly<Record<string, unknown>>, { namespaced }).map(({ field, reason }) => `${field} ${reason}`)

describe('validateMetadata', () => {
  it('accepts what Kubernetes accepts', () => {
    const metadata = {
      name: 'a.b-c.9',
      namespace: 'default',
      labels: { 'app.kubernetes.io/name': 'x', empty: '' },
      annotations: { 'Upper.case/Key': 'anything at all\n' },
      finalizers: ['weir.dev/x', 'foregroundDeletion'],
      ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: '1', controller: true }],
    }
    expect(fields(metadata, true)).toEqual([])
  })

  it.each(['A', 'a_b', '-a', 'a-', 'a..b', '.a', 'a'.repeat(254), 'ä', 'a/b', 'a\n'])('refuses the name %j', (name) => {
    expect(fields({ name })).toEqual(['metadata.name FieldValueInvalid'])
  })

  it.each<[string, object, string]>([
    ['no name', {}, 'metadata.name FieldValueRequired'],
    ['a bad prefix', { name: 'a', generateName: 'A-' }, 'metadata.generateName FieldValueInvalid'],
    ['a label key', { name: 'a', labels: { 'a b': 'x' } }, 'metadata.labels FieldValueInvalid'],
    ['a label prefix', { name: 'a', labels: { 'A/b': 'x' } }, 'metadata.labels FieldValueInvalid'],
    ['a label value', { name: 'a', labels: { a: 'x y' } }, 'metadata.labels FieldValueInvalid'],
    ['a long label value', { name: 'a', labels: { a: 'x'.repeat(64) } }, 'metadata.labels FieldValueInvalid'],
    ['large annotations', { name: 'a', annotations: { a: 'x'.repeat(262_144) } }, 'metadata.annotations FieldValueTooLong'],
    ['a finalizer without a domain', { name: 'a', finalizers: ['mine'] }, 'metadata.finalizers FieldValueInvalid'],
    ['a namespace on a cluster-scoped kind', { name: 'a', namespace: 'b' }, 'metadata.namespace FieldValueForbidden'],
  ])('refuses %s', (_, metadata, expected) => {
    expect(fields(metadata)).toEqual([expected])
  })

  it('refuses two controllers', () => {
    const owner = { apiVersion: 'v1', kind: 'X', name: 'x', controller: true }
    const ownerReferences = [
      { ...owner, uid: '1' },
      { ...owner, uid: '2' },
    ]
    expect(fields({ name: 'a', ownerReferences })).toEqual(['metadata.ownerReferences FieldValueInvalid'])
  })

  it('explains a name as Kubernetes does', () => {
    expect(validateMetadata({ name: 'A' }, { namespaced: false, nameRule: 'label' })[0]?.message).toMatch(
      /^Invalid value: "A": a lowercase RFC 1123 label must consist of/u,
    )
  })
})

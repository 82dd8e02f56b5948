import { assert, property, shuffledSubarray } from 'fast-check'
import { expect, it } from 'vitest'
import { compareVersions } from './kube-version.ts'

/** The example in the documentation of CustomResourceDefinitions. */
const preferred = [
  'v10',
  'v2',
  'v1',
  'v11beta2',
  'v10beta3',
  'v3beta1',
  'v12alpha1',
  'v11alpha2',
  'foo1',
  'foo10',
  'v01',
  'v1beta0',
]

it('orders versions as Kubernetes prefers them, however they came', () => {
  assert(
    property(shuffledSubarray(preferred, { minLength: preferred.length }), (versions) => {
      expect(versions.toSorted(compareVersions)).toEqual(preferred)
    }),
  )
})

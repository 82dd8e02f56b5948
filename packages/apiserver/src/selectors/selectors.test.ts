import { configMap, event, type KindDefinition, type KubernetesObject, node } from '@weir/api'
import {
  type Arbitrary,
  array,
  assert,
  constantFrom,
  dictionary,
  integer,
  oneof,
  property,
  record,
  string,
  tuple,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '../failure.ts'
import { kindDefinitionsOf } from '../crd/crd.ts'
import { parseFieldSelector } from './field-selector.ts'
import { parseLabelSelector } from './label-selector.ts'
import type { Selector } from './selector.ts'

const labelled = (labels: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', labels },
})
const refusal = (parse: () => Selector | undefined): string => {
  try {
    parse()
    return ''
  } catch (error) {
    if (error instanceof Failure && error.status.code === 400) return error.message
    throw error
  }
}

describe('label selectors', () => {
  const labels = { tier: 'web', rank: '10', empty: '', 'example.com/x': 'y', in: 'notin' }
  it.each([
    ['tier', true],
    ['!tier', false],
    ['! tier', false],
    ['other', false],
    ['!other', true],
    ['tier=web', true],
    ['tier==web', true],
    ['tier = db', false],
    ['tier!=web', false],
    ['tier!=db', true],
    ['other!=web', true],
    ['other=', false],
    ['empty=', true],
    ['empty', true],
    ['tier in (web)', true],
    ['tier in (db, web)', true],
    ['tier in(db,web)', true],
    ['tier in (db)', false],
    ['empty in (,db)', true],
    ['tier notin (db)', true],
    ['tier notin (web,db)', false],
    ['other notin (web)', true],
    ['rank>9', true],
    ['rank > 10', false],
    ['rank<11', true],
    ['rank<1', false],
    ['tier>1', false],
    ['other<1', false],
    ['example.com/x=y', true],
    ['in in (notin)', true],
    ['tier,rank,!other', true],
    ['tier=web,rank>100', false],
    [' tier , rank ', true],
  ])('%s', (text, expected) => {
    expect(parseLabelSelector(text)?.(labelled(labels))).toBe(expected)
  })

  it.each([null, '', '  '])('%j selects everything', (text) => {
    expect(parseLabelSelector(text)).toBeUndefined()
  })

  it.each([
    'a b',
    'a=b c',
    'a in',
    'a in b',
    'a in (b',
    'a in (b c)',
    'a in (b))',
    'a(',
    '(a)',
    'a,',
    ',a',
    'a,,b',
    '=a',
    '!',
    '!a=b',
    'a===b',
    'a=!b',
    'a>',
    'a>x',
    'a>1.5',
    'a<-1',
    'a<99999999999999999999',
    '/a',
    'a/',
    'a/b/c',
    'UPPER.example.com/a',
    'k'.repeat(64),
    `a=${'v'.repeat(64)}`,
    'a=-b',
    'a in (b_)',
    'ü',
    'a~b',
  ])('refuses %s', (text) => {
    expect(refusal(() => parseLabelSelector(text))).toContain('unable to parse requirement')
  })

  it('says of any labels what its parts say', () => {
    const key = constantFrom('a', 'b', 'c.d/e')
    const value = constantFrom('', 'x', 'y', '3')
    const part = oneof(
      record({ operator: constantFrom('=', '==', '!=') as never, key, values: tuple(value) }),
      record({ operator: constantFrom('in', 'notin') as never, key, values: array(value, { minLength: 1, maxLength: 3 }) }),
      record({ operator: constantFrom('', '!') as never, key, values: array(value, { maxLength: 0 }) }),
      record({ operator: constantFrom('>', '<') as never, key, values: tuple(integer({ min: 0, max: 5 }).map(String)) }),
    ) as unknown as Arbitrary<{ operator: string; key: string; values: readonly string[] }>
    const textOf = ({ operator, key: name, values }: { operator: string; key: string; values: readonly string[] }): string => {
      if (operator === '' || operator === '!') return `${operator}${name}`
      return operator.endsWith('in') ? `${name} ${operator} (${values.join(',')})` : `${name}${operator}${values[0]}`
    }
    assert(
      property(array(part, { minLength: 1, maxLength: 4 }), dictionary(key, value), (parts, own) => {
        const expected = parts.every(({ operator, key: name, values }) => {
          const has = Object.hasOwn(own, name)
          const isOne = has && values.includes(own[name] ?? '')
          const number = has && /^\d+$/u.test(own[name] ?? '') ? Number(own[name]) : Number.NaN
          const bound = Number(values[0])
          const outcomes: Record<string, boolean> = {
            '': has,
            '!': !has,
            '=': isOne,
            '==': isOne,
            '!=': !isOne,
            in: isOne,
            notin: !isOne,
            '>': number > bound,
            '<': number < bound,
          }
          return outcomes[operator]
        })
        expect(parseLabelSelector(parts.map(textOf).join(', '))?.(labelled(own))).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })

  it('answers any text with a selector or a reason', () => {
    assert(
      property(
        string({ unit: constantFrom('a', '=', '!', '(', ')', ',', ' ', '<', 'in') }),
        (text) => void refusal(() => parseLabelSelector(text)),
      ),
    )
  })
})

describe('field selectors', () => {
  const named = (name: string, more: object = {}): KubernetesObject => ({
    ...labelled({}),
    ...more,
    metadata: { name, namespace: 'n' },
  })
  it.each<[string, KindDefinition, KubernetesObject, boolean]>([
    ['metadata.name=a', configMap, named('a'), true],
    ['metadata.name==b', configMap, named('a'), false],
    ['metadata.name!=b', configMap, named('a'), true],
    ['metadata.name=a,metadata.namespace=n', configMap, named('a'), true],
    ['metadata.name=a,metadata.namespace=m', configMap, named('a'), false],
    [',metadata.name=a,', configMap, named('a'), true],
    ['spec.unschedulable=false', node, named('a'), true],
    ['spec.unschedulable=true', node, named('a', { spec: { unschedulable: true } }), true],
    ['reason=a\\,b', event, named('e', { reason: 'a,b' }), true],
    ['reason=a\\=b', event, named('e', { reason: 'a=b' }), true],
    ['reason=a\\\\b', event, named('e', { reason: 'a\\b' }), true],
    ['reason=a=b', event, named('e', { reason: 'a=b' }), true],
    ['source=c', event, named('e', { source: { component: 'c' } }), true],
    ['involvedObject.name=', event, named('e', { involvedObject: {} }), true],
  ] as unknown as [string, KindDefinition, KubernetesObject, boolean][])('%s', (text, kind, object, expected) => {
    expect(parseFieldSelector(text, kind)?.(object)).toBe(expected)
  })

  it.each(['data.a=b', 'metadata.labels=x', 'constructor=x', '=a'])('does not offer %s', (text) => {
    expect(refusal(() => parseFieldSelector(text, configMap))).toContain('field label not supported')
  })
  it.each(['metadata.name', 'metadata.name=a\\', 'metadata.name=\\n', 'a,b'])('cannot read %s', (text) => {
    expect(refusal(() => parseFieldSelector(text, configMap))).toContain('invalid field selector')
  })

  it('knows the fields that a definition offers', () => {
    const [kind = configMap] = kindDefinitionsOf({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.dev' },
      spec: {
        group: 'example.dev',
        scope: 'Namespaced',
        names: { kind: 'Widget', plural: 'widgets' },
        versions: [{ name: 'v1', served: true, storage: true, selectableFields: [{ jsonPath: '.spec.colour' }] }],
      },
    })
    expect(parseFieldSelector('spec.colour=red', kind)?.(named('a', { spec: { colour: 'red' } }))).toBe(true)
    expect(refusal(() => parseFieldSelector('spec.size=1', kind))).toContain('not supported')
  })
})

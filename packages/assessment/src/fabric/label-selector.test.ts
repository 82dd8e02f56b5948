import { describe, expect, it } from 'vitest'
import { isSelectedBy, meets, requirementText } from './label-selector.ts'

const labels = { app: 'web', generation: '7' }

describe('a selector of labels', () => {
  it.each([
    ['nothing, if there is none', undefined, false],
    ['everything, if it is empty', {}, true],
    ['equal labels', { matchLabels: { app: 'web' } }, true],
    ['not other ones', { matchLabels: { app: 'db' } }, false],
    ['not those of the prototype', { matchLabels: { constructor: 'Object' } }, false],
    ['all that it says', { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, false],
  ])('takes %s', (_, selector, expected) => {
    expect(isSelectedBy(selector, labels)).toBe(expected)
  })

  it.each([
    [{ key: 'app', operator: 'In', values: ['db', 'web'] }, true, 'app in (db, web)'],
    [{ key: 'tier', operator: 'In', values: ['x'] }, false, 'tier in (x)'],
    [{ key: 'app', operator: 'NotIn', values: ['web'] }, false, 'app not in (web)'],
    [{ key: 'tier', operator: 'NotIn', values: ['x'] }, true, 'tier not in (x)'],
    [{ key: 'app', operator: 'Exists' }, true, 'app'],
    [{ key: 'app', operator: 'DoesNotExist' }, false, 'no app'],
    [{ key: 'generation', operator: 'Gt', values: ['6'] }, true, 'generation > 6'],
    [{ key: 'generation', operator: 'Lt', values: ['7'] }, false, 'generation < 7'],
    [{ key: 'app', operator: 'Gt', values: ['1'] }, false, 'app > 1'],
    [{ key: 'toString', operator: 'Exists' }, false, 'toString'],
    [{ key: 'app', operator: 'Like', values: ['w*'] }, false, 'app Like (w*)'],
  ])('holds %j to be %s', (requirement, expected, text) => {
    expect(meets(labels, requirement)).toBe(expected)
    expect(requirementText(requirement)).toBe(text)
  })
})

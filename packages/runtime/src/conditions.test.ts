import type { Condition } from '@weir/api'
import { describe, expect, it } from 'vitest'
import { formatTime, getCondition, isConditionTrue, setConditions } from './index.ts'

const ready = (status: Condition['status'], more: Partial<Condition> = {}): Condition => ({
  type: 'Ready',
  status,
  reason: 'Because',
  message: '',
  ...more,
})
const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z']

describe('setConditions', () => {
  it('gives a new condition the time of now, whatever time it brings', () => {
    expect(setConditions(undefined, [ready('Unknown', { lastTransitionTime: early })], late)).toEqual([
      ready('Unknown', { lastTransitionTime: late }),
    ])
  })

  it('moves the time only when the status changes', () => {
    const before = setConditions([], [ready('False')], early)
    const told = setConditions(before, [ready('False', { reason: 'Other', message: 'news', observedGeneration: 2 })], late)
    expect(told).toEqual([ready('False', { reason: 'Other', message: 'news', observedGeneration: 2, lastTransitionTime: early })])
    expect(setConditions(told, [ready('True')], late)).toEqual([ready('True', { lastTransitionTime: late })])
  })

  it('gives a time to a condition that had none', () => {
    expect(setConditions([ready('True')], [ready('True')], late)).toEqual([ready('True', { lastTransitionTime: late })])
  })

  it('keeps what it is not told of, in the order of first appearance', () => {
    const other = { ...ready('True', { lastTransitionTime: early }), type: 'Other' }
    const before = [other, ready('True', { lastTransitionTime: early })]
    const fresh = [{ ...ready('False'), type: 'New' }, ready('False')]
    expect(setConditions(before, fresh, late).map(({ type, lastTransitionTime }) => [type, lastTransitionTime])).toEqual([
      ['Other', early],
      ['Ready', late],
      ['New', late],
    ])
  })

  it('changes nothing of what it is given', () => {
    const before = Object.freeze([Object.freeze(ready('True', { lastTransitionTime: early }))])
    expect(setConditions(before, [ready('True')], late)).toEqual(before)
  })
})

it('finds conditions; one that is missing is not True', () => {
  const conditions = [ready('False'), { ...ready('True'), type: 'Other' }]
  expect(getCondition(conditions, 'Other')?.status).toBe('True')
  expect(getCondition(undefined, 'Ready')).toBeUndefined()
  expect(['Ready', 'Other', 'Missing'].map((type) => isConditionTrue(conditions, type))).toEqual([false, true, false])
  expect(isConditionTrue(undefined, 'Ready')).toBe(false)
})

it('writes times in seconds', () => {
  expect(formatTime(Date.UTC(2026, 1, 3, 4, 5, 6, 789))).toBe('2026-02-03T04:05:06Z')
})

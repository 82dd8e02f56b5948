import { assert, maxSafeNat, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bytes, formatBytes, parseBytes, parseCpuMillis } from './quantity.ts'

describe('parseBytes', () => {
  it.each([
    ['0', 0],
    ['512Mi', 536_870_912],
    ['1.5Gi', 1_610_612_736],
    ['10G', 10_000_000_000],
    ['1e3', 1000],
    ['1E', undefined],
    ['100m', 1],
    ['.5Ki', 512],
  ])('reads %s', (text, bytes) => {
    if (bytes === undefined) expect(() => parseBytes(text, 'x')).toThrow('less than 2^53')
    else expect(parseBytes(text, 'x')).toBe(bytes)
  })

  it.each(['', '-1', 'Gi', '1 Gi', '1gi', '1e999', '１', '.', '8Ei'])('refuses %j, naming the field', (text) => {
    expect(() => parseBytes(text, 'spec.resources.requests.storage')).toThrow('spec.resources.requests.storage')
  })

  it('reads back what formatBytes writes', () => {
    assert(property(maxSafeNat(), (bytes) => parseBytes(formatBytes(bytes as Bytes), 'x') === bytes))
  })
})

describe('parseCpuMillis', () => {
  it.each([
    ['2', 2000],
    ['500m', 500],
    ['0.1', 100],
    ['1u', 1],
  ])('reads %s', (text, millis) => {
    expect(parseCpuMillis(text, 'x')).toBe(millis)
  })
})

import { describe, expect, it } from 'vitest'
import { hasFormat } from './formats.ts'

const uuid = (version: string): string => `6ba7b810-9dad-${version}1d1-80b4-00c04fd430c8`

const cases: Readonly<Record<string, readonly [good: readonly (string | number)[], bad: readonly (string | number)[]]>> = {
  date: [
    ['2026-02-28', '1999-12-31'],
    ['2026-13-01', '2026-02-32', '26-02-01', '2026-2-1', '2026-02-28T00:00:00Z'],
  ],
  'date-time': [
    ['2026-02-28T23:59:59Z', '2026-02-28t00:00:00.123456789z', '2026-02-28T00:00:60+23:59'],
    ['2026-02-28', '2026-02-28T24:00:00Z', '2026-02-28T00:00:00', '2026-02-28 00:00:00Z', '2026-02-28T00:00:00+24:00'],
  ],
  datetime: [['2026-02-28T00:00:00Z'], ['yesterday']],
  uuid: [
    [uuid('1'), uuid('4').toUpperCase(), uuid('4').replaceAll('-', '')],
    ['6ba7b810', `${uuid('4')}0`, 'g'.repeat(32)],
  ],
  uuid3: [[uuid('3')], [uuid('4')]],
  uuid4: [[uuid('4')], [uuid('3'), 'x']],
  uuid5: [[uuid('5')], [uuid('4')]],
  duration: [
    ['0', '1h', '1h30m', '1.5s', '100ms', '3µs'],
    ['', '1', '1 h', '-1h', 'h', '1d'],
  ],
  hostname: [
    ['a', 'example.com', 'EXAMPLE.com', `${'a'.repeat(63)}.b`],
    ['', '-a', 'a-', 'a..b', 'a_b', `${'a'.repeat(64)}.b`, 'a.'.repeat(127)],
  ],
  ipv4: [['127.0.0.1'], ['127.0.0', '256.0.0.1', '::1']],
  ipv6: [
    ['::1', '2001:db8::1'],
    ['127.0.0.1', ':::1', 'g::1'],
  ],
  cidr: [
    ['10.0.0.0/8', '2001:db8::/128'],
    ['10.0.0.0', '10.0.0.0/33', '2001:db8::/129', '10.0.0.0/08', '10.0.0.0/8/8', 'x/8'],
  ],
  mac: [
    ['52:54:00:12:34:56', '52-54-00-12-34-56', 'AA:BB:CC:DD:EE:FF'],
    ['52:54:00:12:34', '52:54-00:12:34:56', '525400123456'],
  ],
  byte: [
    ['', 'AAAA', 'AAA=', 'AA=='],
    ['A', 'AAA', 'AA=A', 'A===', 'AA A', 'AAA-'],
  ],
  uri: [
    ['https://example.com/x?y#z', 'urn:a:b'],
    ['example.com', '/x', ''],
  ],
  email: [
    ['a@example.com', 'a.b+c@x'],
    ['a', '@x', 'a@', 'a b@x', `${'a'.repeat(65)}@x`],
  ],
  hexcolor: [
    ['#fff', 'ABCDEF'],
    ['#ff', '#ggg', 'blue'],
  ],
  int32: [
    [0, -(2 ** 31), 2 ** 31 - 1],
    [2 ** 31, -(2 ** 31) - 1, 0.5],
  ],
  int64: [
    [0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
    [2 ** 53, 1e300],
  ],
  double: [[0.5, 1e300], []],
  'a format nobody knows': [['anything', 1], []],
}

describe.each(Object.entries(cases))('%s', (format, [good, bad]) => {
  it('takes what it should', () => {
    expect(good.filter((value) => !hasFormat(value, format))).toEqual([])
  })
  it('refuses what it should', () => {
    expect(bad.filter((value) => hasFormat(value, format))).toEqual([])
  })
})

import { expect, it } from 'vitest'
import { durationText, momentText, parseStart } from './wave-times.ts'

it.each([
  ['2026-12-04T20:00:00Z', '2026-12-04 20:00Z'],
  ['2026-12-04T20:00+08:00', '2026-12-04 12:00Z'],
])('the start %s is %s', (text, shown) => {
  expect(momentText(0, { startMillis: parseStart(text), language: 'en' })).toBe(shown)
})

it.each(['2026-12-04', '2026-12-04T20:00:00', 'tomorrow', '2026-13-04T20:00:00Z', ''])('%j is no start', (text) => {
  expect(() => parseStart(text)).toThrow(/with its zone/u)
})

it.each([
  [0, 'day 1 00:00', '第 1 天 00:00'],
  [86_399, 'day 1 23:59', '第 1 天 23:59'],
  [10 * 86_400 + 5400, 'day 11 01:30', '第 11 天 01:30'],
])('%d seconds into a programme are %s', (seconds, english, chinese) => {
  expect(momentText(seconds, { startMillis: undefined, language: 'en' })).toBe(english)
  expect(momentText(seconds, { startMillis: undefined, language: 'zh-CN' })).toBe(chinese)
})

it('a moment that no calendar has is not made up', () => {
  expect(momentText(1e13, { startMillis: 0, language: 'en' })).toBe('?')
})

it.each([
  [0, '0 min', '0 分钟'],
  [61, '2 min', '2 分钟'],
  [3600, '1 h 00 min', '1 小时 00 分钟'],
  [12_000, '3 h 20 min', '3 小时 20 分钟'],
])('%d seconds take %s', (seconds, english, chinese) => {
  expect(durationText(seconds, 'en')).toBe(english)
  expect(durationText(seconds, 'zh-CN')).toBe(chinese)
})

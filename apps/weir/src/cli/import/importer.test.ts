import { describe, expect, it } from 'vitest'
import { formatMark, hasEnded, markOf, parseMark } from './importer.ts'

const own = markOf(Date.UTC(2026, 0, 1))

describe('a mark of an import', () => {
  it('is read back as it was written, and names its time and process', () => {
    expect(parseMark(formatMark(own))).toEqual(own)
    expect(own).toMatchObject({ time: '2026-01-01T00:00:00.000Z', pid: process.pid })
  })

  it.each(['', 'true', '2026-01-01T00:00:00Z', formatMark(own).replace('process', 'somebody'), `${formatMark(own)} more`])(
    'is not read into %j',
    (text) => {
      expect(parseMark(text)).toBeUndefined()
    },
  )

  it('tells an importer that has ended, where that can be known', () => {
    expect(hasEnded(own)).toBe(false)
    expect(hasEnded({ ...own, pid: 4_194_305 })).toBe(true)
    expect(hasEnded({ ...own, startTicks: own.startTicks - 1 })).toBe(true)
    expect(hasEnded({ ...own, pid: 4_194_305, pidSpace: 'another machine or container' })).toBe(false)
  })
})

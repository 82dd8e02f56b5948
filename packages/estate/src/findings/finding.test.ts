import { describe, expect, it } from 'vitest'
import { parseEstate } from '../document/parse-estate.ts'
import { anEstate } from '../concerns/every-concern.fixture.ts'
import { bracesOf } from '../sentences/template.ts'
import { everyFinding } from './every-finding.fixture.ts'
import { finding, findingOfMore, findingText, firstFew } from './finding.ts'
import { chineseFindings } from './texts/chinese.ts'
import { englishFindings, type FindingId } from './texts/english.ts'

describe.each(Object.keys(englishFindings) as FindingId[])('%s', (id) => {
  const [english, chinese] = [englishFindings[id], chineseFindings[id]]

  it('has the same values in both languages', () => {
    expect(bracesOf(chinese.message).toSorted()).toEqual(bracesOf(english.message).toSorted())
    expect(bracesOf(english.remedy + chinese.remedy)).toEqual([])
  })

  it('is written as each language is', () => {
    for (const sentence of [english.message, english.remedy]) expect(sentence).toMatch(/^[A-Z{'][^\p{Script=Han}]*[.?]$/u)
    for (const sentence of [chinese.message, chinese.remedy]) expect(sentence).toMatch(/\p{Script=Han}.*[。？]$/u)
  })
})

const about = { kind: 'Contradictory', object: 'machine/a', field: 'VM ID' } as const
const twice = finding('machine.inTwoExports', about, { machine: 'a', first: '{second}', second: 'y.xlsx', counted: 'y.xlsx' })

describe('a finding', () => {
  it('is told in either language, whatever its values hold', () => {
    expect(twice).toMatchObject({ ...about, message: "The machine 'a' stands in {second} and y.xlsx; y.xlsx counts." })
    expect(findingText(twice, 'zh-CN')).toEqual({
      message: '虚拟机“a”同时出现在 {second} 和 y.xlsx 中；以 y.xlsx 为准。',
      remedy: '每个 vCenter 只提供一份最新的导出。',
    })
    expect(findingText(twice, 'en')).toEqual({ message: twice.message, remedy: twice.remedy })
  })

  it('stands for many in either language', () => {
    const more = findingOfMore(finding('host.idle', { kind: 'Contradictory', object: 'host/a' }, { host: 'a' }), 'host/*', 150)
    expect(findingText(more, 'en').message).toBe("150 more of the same kind as: The host 'a' runs no machine of the estate.")
    expect(findingText(more, 'zh-CN').message).toBe('另有 150 条同类情况，例如：主机“a”上没有运行清单中的任何虚拟机。')
  })

  it('names five, and says that there are more', () => {
    expect(firstFew(['a', 'b', 'c', 'd', 'e'])).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(firstFew(['a', 'b', 'c', 'd', 'e', 'f'])).toEqual(['a', 'b', 'c', 'd', 'e', '…'])
  })

  it.each([
    ['no id', {}],
    ['an id of a later version', { id: 'host.haunted', values: { host: 'a' } }],
    ['an id that is a method', { id: 'constructor', values: {} }],
    ['a value missing', { id: 'host.idle', values: {} }],
    ['no values', { id: 'host.idle' }],
  ])('of a document keeps its words with %s', (_, more) => {
    const own = { kind: 'Missing', object: 'host/a', message: 'Own words.', remedy: 'Own remedy.', ...more } as const
    expect(findingText(own, 'zh-CN')).toEqual({ message: 'Own words.', remedy: 'Own remedy.' })
  })
})

describe('findings in a document', () => {
  const withFinding = (more: object): unknown => ({ ...anEstate([]), findings: [{ ...twice, ...more }] })

  it('come back as they were written', () => {
    const document = { ...anEstate([]), findings: everyFinding }
    expect(parseEstate(JSON.parse(JSON.stringify(document)))).toEqual(document)
  })

  it.each<[string, object, string]>([
    ['a list of values', { values: ['a'] }, 'findings[0].values'],
    ['too many values', { values: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`v${i}`, i])) }, 'findings[0].values'],
    ['an object as a value', { values: { machine: {} } }, 'findings[0].values.machine'],
    ['a list of numbers', { values: { machine: [1] } }, 'findings[0].values.machine'],
    ['a number that is none', { values: { machine: Number.NaN } }, 'findings[0].values.machine'],
    ['a text without end', { values: { machine: 'x'.repeat(16_385) } }, 'findings[0].values.machine'],
    ['a name with a space', { values: { 'a b': 1 } }, 'findings[0].values.a b'],
    ['a prototype', { values: JSON.parse('{"__proto__":{"polluted":1}}') as object }, 'findings[0].values.__proto__'],
    ['a count below zero', { moreCount: -1 }, 'findings[0].moreCount'],
  ])('are refused with %s', (_, more, field) => {
    expect(() => parseEstate(withFinding(more))).toThrow(
      expect.objectContaining({ causes: [expect.objectContaining({ field })] }),
    )
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})

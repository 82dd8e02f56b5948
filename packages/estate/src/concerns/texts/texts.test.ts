import { describe, expect, it } from 'vitest'
import { bracesOf } from '../../sentences/template.ts'
import { concernText, evidenceText } from '../concern-text.ts'
import { chineseConcerns } from './chinese.ts'
import { type ConcernId, englishConcerns } from './english.ts'

describe.each(Object.keys(englishConcerns) as ConcernId[])('%s', (id) => {
  const [english, chinese] = [englishConcerns[id], chineseConcerns[id]]

  it('has the same values in both languages', () => {
    expect(bracesOf(chinese.evidence).toSorted()).toEqual(bracesOf(english.evidence).toSorted())
    expect(bracesOf(`${english.title}${english.remedy}${chinese.title}${chinese.remedy}`)).toEqual([])
  })

  it('is written as each language is', () => {
    for (const sentence of [english.evidence, english.remedy]) expect(sentence).toMatch(/^[A-Z{'][^\p{Script=Han}]*\.$|^disk\./u)
    for (const sentence of [chinese.evidence, chinese.remedy]) expect(sentence).toMatch(/\p{Script=Han}.*。$/u)
    expect(chinese.title).toMatch(/\p{Script=Han}/u)
  })
})

describe('a concern in Chinese', () => {
  it('has its values, lists as Chinese writes them', () => {
    const concern = {
      id: 'disk.large',
      evidence: 'Disks larger than 6 TiB: a, {b}.',
      values: { disks: ['a', '{b}'] },
      remedy: '',
    }
    expect(evidenceText(concern, 'zh-CN')).toBe('大于 6 TiB 的磁盘：a、{b}。')
    expect(evidenceText(concern, 'en')).toBe(concern.evidence)
  })

  it("keeps the words of a rule of the user's own, whatever it is called", () => {
    for (const id of ['user.pci', 'user.constructor', '__proto__']) {
      const concern = { id, evidence: 'In scope of {PCI}.', values: {}, remedy: 'Ask.' }
      expect(evidenceText(concern, 'zh-CN')).toBe('In scope of {PCI}.')
      expect(concernText(concern, 'zh-CN')).toEqual({ title: id, remedy: 'Ask.' })
    }
  })
})

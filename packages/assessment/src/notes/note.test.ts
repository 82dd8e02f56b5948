import { bracesOf } from '@weir/estate'
import { expect, it } from 'vitest'
import { chineseNotes } from './chinese.ts'
import { englishNotes, type NoteId } from './english.ts'
import { note, noteText } from './note.ts'

it.each(Object.keys(englishNotes) as NoteId[])('%s has the same values in both languages', (id) => {
  expect(bracesOf(chineseNotes[id]).toSorted()).toEqual(bracesOf(englishNotes[id]).toSorted())
})

it('puts values into braces, whatever they hold', () => {
  const made = note('step.ratio', { cluster: '{ratio} $& <b>', ratio: '3.0' })
  expect(made.text).toBe('{ratio} $& <b>: 3.0 vCPUs for each core.')
  expect(noteText(made, 'zh-CN')).toBe('{ratio} $& <b>：每个核心 3.0 个 vCPU。')
})

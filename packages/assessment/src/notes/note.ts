import { fillTemplate, type Language, type Values } from '@weir/estate'
import { chineseNotes } from './chinese.ts'
import { englishNotes, type NoteId } from './english.ts'

/** A sentence as data: its id, its values, and how it reads in English. */
export interface Note {
  readonly id: NoteId
  readonly values: Values
  readonly text: string
}

const catalogues: Readonly<Record<Language, Readonly<Record<NoteId, string>>>> = { en: englishNotes, 'zh-CN': chineseNotes }

/** The sentence `id` with `values` in its braces. */
export const note = (id: NoteId, values: Note['values'] = {}): Note => ({ id, values, text: noteText({ id, values }, 'en') })

/** How `note` reads in `language`. */
export const noteText = ({ id, values }: Pick<Note, 'id' | 'values'>, language: Language): string =>
  fillTemplate(catalogues[language][id], values, language)

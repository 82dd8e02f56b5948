import { fillTemplate, type Language } from '../sentences/template.ts'
import type { EstateConcern } from './concern.ts'
import { chineseConcerns } from './texts/chinese.ts'
import { type ConcernId, type ConcernText, englishConcerns } from './texts/english.ts'

const catalogues: Readonly<Record<Language, Readonly<Record<ConcernId, ConcernText>>>> = {
  en: englishConcerns,
  'zh-CN': chineseConcerns,
}

/** What a concern is called and what to do about it, in `language`. A rule of the user's own goes by its id and its author's words. */
export function concernText(
  { id, remedy }: Pick<EstateConcern, 'id' | 'remedy'>,
  language: Language,
): Pick<ConcernText, 'title' | 'remedy'> {
  return isConcernId(id) ? catalogues[language][id] : { title: id, remedy }
}

/** What was seen, in `language`; of a rule of the user's own in its author's words. */
export const evidenceText = (
  { id, evidence, values }: Pick<EstateConcern, 'id' | 'evidence' | 'values'>,
  language: Language,
): string => (isConcernId(id) ? fillTemplate(catalogues[language][id].evidence, values, language) : evidence)

const isConcernId = (id: string): id is ConcernId => Object.hasOwn(englishConcerns, id)

import type { Finding } from '../model/estate.ts'
import { bracesOf, fillTemplate, type Language, type ValuesOf } from '../sentences/template.ts'
import { chineseFindings } from './texts/chinese.ts'
import { englishFindings, type FindingId, type FindingText } from './texts/english.ts'

const catalogues: Readonly<Record<Language, Readonly<Record<FindingId, FindingText>>>> = {
  en: englishFindings,
  'zh-CN': chineseFindings,
}

/** How a finding reads that stands for others too. */
const alike: Readonly<Record<Language, string>> = {
  en: '{count} more of the same kind as: {message}',
  'zh-CN': '另有 {count} 条同类情况，例如：{message}',
}

/** The finding `id` about an object, with `values` in the braces of its message. */
export function finding<Id extends FindingId>(
  id: Id,
  about: Pick<Finding, 'kind' | 'object' | 'field'>,
  values: ValuesOf<(typeof englishFindings)[Id]['message']>,
): Finding {
  const { message, remedy } = englishFindings[id]
  return { ...about, id, values, message: fillTemplate(message, values, 'en'), remedy }
}

/** The first five of `names`, and a mark if there are more: enough to know which are meant. */
export const firstFew = (names: readonly string[]): readonly string[] => (names.length > 5 ? [...names.slice(0, 5), '…'] : names)

/** `first` in the place of `count` others that are like it, all told of `object`. */
export const findingOfMore = (first: Finding, object: string, count: number): Finding => ({
  ...first,
  object,
  moreCount: count,
  message: fillTemplate(alike.en, { count, message: first.message }, 'en'),
})

/** What `finding` says in `language`; in the words of its document if that gives no id that is known here, or not all values. */
export function findingText({ id = '', values = {}, moreCount, message, remedy }: Finding, language: Language): FindingText {
  if (!isFindingId(id)) return { message, remedy }
  const text = catalogues[language][id]
  if (!bracesOf(text.message).every((name) => Object.hasOwn(values, name))) return { message, remedy }
  const said = fillTemplate(text.message, values, language)
  return {
    message: moreCount === undefined ? said : fillTemplate(alike[language], { count: moreCount, message: said }, language),
    remedy: text.remedy,
  }
}

const isFindingId = (id: string): id is FindingId => Object.hasOwn(englishFindings, id)

/** The languages that reports come in. */
export type Language = 'en' | 'zh-CN'

/** What stands in a brace: a figure, a name, or a list of names. */
export type Value = string | number | readonly string[]

/** The values of a sentence, by the names in its braces. They are the same in every language. */
export type Values = Readonly<Record<string, Value>>

/** The values that the template `T` wants: `{count} of {names}` wants `count` and `names`. */
export type ValuesOf<T extends string> = { readonly [Name in BracesOf<T>]: Value }
type BracesOf<T extends string> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | BracesOf<Rest> : never

const braces = /\{(\w+)\}/gu
const comma: Readonly<Record<Language, string>> = { en: ', ', 'zh-CN': '、' }

/** The names in the braces of `template`, in their order. */
export const bracesOf = (template: string): readonly string[] => [...template.matchAll(braces)].map(([, name = '']) => name)

/** `template` with `values` in its braces, lists as `language` writes them. A brace without a value stays. */
export const fillTemplate = (template: string, values: Values, language: Language): string =>
  template.replaceAll(braces, (brace, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    return value === undefined ? brace : typeof value === 'object' ? value.join(comma[language]) : String(value)
  })

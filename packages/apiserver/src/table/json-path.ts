/** A step of a JSONPath: into a field, an index, all items, or the items where a field has a value. */
type Step =
  | { readonly kind: 'Field'; readonly name: string }
  | { readonly kind: 'Index'; readonly index: number }
  | { readonly kind: 'All' }
  | { readonly kind: 'Filter'; readonly path: readonly Step[]; readonly operator: '==' | '!='; readonly value: unknown }

const field = /^\.?([\p{L}_$][\p{L}\p{N}_$-]*)/u
const escapedField = /^\.((?:[^.[\]\\]|\\.)+)/u
const index = /^\[(-?\d{1,9})\]/u
const quoted = /^\[(?:'([^']*)'|"([^"]*)")\]/u
const all = /^(?:\[\*\]|\.\*)/u
const filter = /^\[\?\(\s*@((?:\.[\p{L}\p{N}_$-]+)+)\s*(==|!=)\s*("[^"]*"|'[^']*'|true|false|-?\d+(?:\.\d+)?)\s*\)\]/u

/** The part of JSONPath that printer columns use: `.a.b`, `.a[0]`, `.a[*]`, `['x']`, `.a[?(@.type=="Ready")].status`, `.a\.b`. */
export type JsonPath = readonly Step[]

const parsed = new Map<string, JsonPath | undefined>()

/** The path, undefined if `text` is none that is known here. */
export function parseJsonPath(text: string): JsonPath | undefined {
  if (parsed.has(text)) return parsed.get(text)
  if (parsed.size > 5000) parsed.clear()
  const path = parseSteps(text.replace(/^\{(.*)\}$/u, '$1').replace(/^\$/u, ''))
  parsed.set(text, path)
  return path
}

function parseSteps(text: string): JsonPath | undefined {
  const steps: Step[] = []
  let rest = text === '.' ? '' : text
  while (rest !== '') {
    const [step, length] = parseStep(rest) ?? []
    if (step === undefined || length === undefined) return undefined
    steps.push(step)
    rest = rest.slice(length)
  }
  return steps
}

function parseStep(text: string): readonly [Step, number] | undefined {
  const every = all.exec(text)
  if (every !== null) return [{ kind: 'All' }, every[0].length]
  const at = index.exec(text)
  if (at !== null) return [{ kind: 'Index', index: Number(at[1]) }, at[0].length]
  const key = quoted.exec(text)
  if (key !== null) return [{ kind: 'Field', name: key[1] ?? key[2] ?? '' }, key[0].length]
  const where = filter.exec(text)
  if (where !== null) return parseFilter(where)
  const name = text.includes('\\') ? escapedField.exec(text) : field.exec(text)
  return name === null ? undefined : [{ kind: 'Field', name: (name[1] ?? '').replaceAll(/\\(.)/gu, '$1') }, name[0].length]
}

function parseFilter([whole, fields = '', operator, literal = '']: RegExpExecArray): readonly [Step, number] {
  const path = fields
    .slice(1)
    .split('.')
    .map((name) => ({ kind: 'Field', name }) as const)
  const isText = literal.startsWith('"') || literal.startsWith("'")
  const value: unknown = isText ? literal.slice(1, -1) : JSON.parse(literal)
  return [{ kind: 'Filter', path, operator: operator === '!=' ? '!=' : '==', value }, whole.length]
}

/** Every value at `path` in `root`; [] if there is none. */
export const findByPath = (root: unknown, path: JsonPath): readonly unknown[] =>
  path.reduce<readonly unknown[]>((values, step) => values.flatMap((value) => follow(value, step)), [root])

function follow(value: unknown, step: Step): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return []
  switch (step.kind) {
    case 'Field':
      return Object.hasOwn(value, step.name) ? [(value as Readonly<Record<string, unknown>>)[step.name]] : []
    case 'Index':
      return Array.isArray(value) && value.at(step.index) !== undefined ? [value.at(step.index)] : []
    case 'All':
      return Object.values(value)
    case 'Filter':
      return (Array.isArray(value) ? value : []).filter((item) => passes(item, step))
  }
}

const passes = (item: unknown, { path, operator, value }: Extract<Step, { kind: 'Filter' }>): boolean => {
  const found = findByPath(item, path)
  return operator === '==' ? found.includes(value) : found.length > 0 && !found.includes(value)
}

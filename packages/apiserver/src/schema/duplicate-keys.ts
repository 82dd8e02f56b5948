import { fieldOf, type Path } from './path.ts'

/** What a look at JSON text finds that `JSON.parse` does not tell. */
export interface JsonShape {
  /** Fields that stand more than once in their object, as paths; at most 100. */
  readonly duplicates: readonly string[]
  /** The deepest nesting; 0 for a scalar. */
  readonly depth: number
}

interface Level {
  readonly path: Path | undefined
  /** The keys of an object; undefined in an array. */
  readonly keys: Set<string> | undefined
  key: string | number
}

/**
 * Reads JSON text that `JSON.parse` accepts, in one pass and without recursion: duplicate keys for strict field
 * validation, and the depth for those who recurse later. Text that is no JSON gives some answer, and no error.
 */
export function inspectJson(text: string): JsonShape {
  const levels: Level[] = []
  const duplicates: string[] = []
  let depth = 0
  let expectsKey = false
  let position = 0
  while (position < text.length) {
    const level = levels.at(-1)
    const character = text[position]
    if (character === '"') {
      const end = endOfString(text, position)
      if (expectsKey && level?.keys !== undefined) enterKey(level, keyText(text.slice(position, end)), duplicates)
      expectsKey = false
      position = end
      continue
    }
    if (character === '{' || character === '[') {
      const path = level === undefined ? undefined : { parent: level.path, key: level.key }
      levels.push({ path, keys: character === '{' ? new Set() : undefined, key: 0 })
      depth = Math.max(depth, levels.length)
      expectsKey = character === '{'
    } else if (character === '}' || character === ']') {
      levels.pop()
    } else if (character === ',' && level !== undefined) {
      expectsKey = level.keys !== undefined
      if (typeof level.key === 'number') level.key++
    }
    position++
  }
  return { duplicates, depth }
}

function enterKey(level: Level, key: string, duplicates: string[]): void {
  level.key = key
  if (level.keys?.has(key) === true && duplicates.length < 100) duplicates.push(fieldOf({ parent: level.path, key }))
  level.keys?.add(key)
}

/** The position after the closing quote. */
function endOfString(text: string, start: number): number {
  let position = start + 1
  while (position < text.length && text[position] !== '"') position += text[position] === '\\' ? 2 : 1
  return Math.min(position + 1, text.length)
}

function keyText(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1)
  try {
    return JSON.parse(quoted) as string
  } catch {
    return quoted
  }
}

import { RE2JS } from 're2js'

const patterns = new Map<string, RE2JS | undefined>()
const maxPatterns = 5000

/** The compiled RE2 expression, undefined if it is none. */
export function compilePattern(pattern: string): RE2JS | undefined {
  if (patterns.has(pattern)) return patterns.get(pattern)
  // Schemas come and go with CustomResourceDefinitions: begin anew rather than grow for ever.
  if (patterns.size >= maxPatterns) patterns.clear()
  const compiled = tryCompile(pattern)
  patterns.set(pattern, compiled)
  return compiled
}

function tryCompile(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern)
  } catch {
    return undefined
  }
}

/** True if `pattern` is found anywhere in `text`, in time linear in the text. A pattern that RE2 does not know never matches. */
export const matchesPattern = (pattern: string, text: string): boolean => compilePattern(pattern)?.matcher(text).find() ?? false

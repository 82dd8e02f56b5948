const warningsMax = 20
const charactersMax = 256
const del = String.fromCharCode(0x7f)

/**
 * The `Warning` header (RFC 7234 section 5.5, code 299) of what clients are to show; undefined if there is nothing. Texts quote what
 * was sent: each is cut after 256 characters, there are 20 at most, and its characters are bytes of UTF-8, since a header holds no others.
 */
export function warningHeader(warnings: readonly string[]): string | undefined {
  if (warnings.length === 0) return undefined
  return warnings
    .slice(0, warningsMax)
    .map((text) => `299 - ${asHeaderText(JSON.stringify(cut(text)))}`)
    .join(', ')
}

function cut(text: string): string {
  const characters = Array.from(text.slice(0, 2 * (charactersMax + 1)))
  return characters.length > charactersMax ? `${characters.slice(0, charactersMax).join('')}...` : text
}

/** JSON escapes every control character but DEL. */
const asHeaderText = (text: string): string => Buffer.from(text.replaceAll(del, '?'), 'utf8').toString('latin1')

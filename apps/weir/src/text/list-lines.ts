/** The first `most` of `items` under a title, and how many more there are and, unless it is empty, `rest`; nothing if there are none. */
export function listLines(
  title: string,
  items: readonly string[],
  { most, rest = '-o json shows all' }: { readonly most: number; readonly rest?: string },
): readonly string[] {
  if (items.length === 0) return []
  const more = items.length - most
  return [
    '',
    title,
    ...items.slice(0, most).map((item) => `  - ${item}`),
    ...(more > 0 ? [`  and ${more} more${rest === '' ? '' : `; ${rest}`}`] : []),
  ]
}

/** The first `most` of `names` in a line, and how many more there are. */
export const listed = (names: readonly string[], most: number): string =>
  `${names.slice(0, most).join(', ')}${names.length > most ? `, and ${names.length - most} more` : ''}`

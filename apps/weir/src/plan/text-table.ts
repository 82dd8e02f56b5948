/** Lines of columns two spaces apart; the last one is not padded. Control characters of the source do not reach the terminal. */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const clean = [header, ...rows].map((row) => row.map((cell) => cell.replaceAll(/\p{Cc}/gu, '?')))
  const widths = header.map((_, column) => clean.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0))
  return clean.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

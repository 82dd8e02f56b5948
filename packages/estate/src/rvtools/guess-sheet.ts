import { parseHeader, type SheetName, sheetNameOfFile } from './headers.ts'
import { type Field, type ReadSheetName, sheets } from './sheets.ts'

/**
 * The sheet that a CSV file with this header row is: the one of its name if the headers agree, else the one of which most columns
 * are there. At least three must be, and the first, by which its rows are known. undefined if it is none.
 */
export function guessSheet(header: readonly string[], fileName: string): SheetName | undefined {
  const named = sheetNameOfFile(fileName)
  const scores = (Object.keys(sheets) as readonly ReadSheetName[])
    .map((name) => ({ name, count: matchCount(header, name) }))
    .filter(({ name, count }) => count >= 3 || (name === named && count >= 1))
    .toSorted((a, b) => b.count - a.count)
  return scores.find(({ name }) => name === named)?.name ?? scores.at(0)?.name
}

/** How many columns of the sheet the row has; 0 without the first one. */
function matchCount(header: readonly string[], name: ReadSheetName): number {
  const keys = new Set(header.map((text) => parseHeader(text.replace(/^\uFEFF/u, ''), name).key))
  const fields = Object.values<Field>(sheets[name])
  const has = (field: Field | undefined): boolean => field?.keys.some((key) => keys.has(key)) ?? false
  return has(fields[0]) ? fields.filter(has).length : 0
}

/** A cell as its file holds it: text of a CSV, typed values of a workbook. */
export type Cell = string | number | boolean | undefined

/**
 * Columns to read, by position, chosen from the texts of a row; undefined if that row is not the header. The rows that follow
 * hold the cells of these columns only, in this order, so that what nobody asked for is never even decoded.
 */
export type ChooseColumns = (header: readonly Cell[]) => readonly number[] | undefined

/** A sheet of a workbook or a CSV file. */
export interface Table {
  /** The sheet's name, or the file's without folder and extension. */
  readonly name: string
  /** The file, for messages. */
  readonly location: string
  /** True if day 0 of its date numbers is 1904-01-01. */
  readonly uses1904Dates: boolean
  /**
   * Rows in batches, blank ones left out. The header is looked for in the first 20 rows; without one there are no batches.
   * @throws ESTATE_CORRUPT, ESTATE_LIMIT
   */
  batches(choose: ChooseColumns, signal?: AbortSignal): AsyncIterable<readonly (readonly Cell[])[]>
}

/** How many rows may stand above the header. */
export const headerRowsMax = 20
/** Longest text that is kept of a cell; Excel's own limit is 32,767, of which no wanted column comes near. */
export const cellTextMax = 1024

/** A header in the one form in which headers are compared, and the bytes that its unit stands for. */
export interface Header {
  readonly key: string
  /** Bytes for each 1 in the column; undefined if the header names no unit. */
  readonly unitBytes?: number
}

/** RVTools counts in powers of two, also where older releases wrote MB. */
const unitBytes = new Map([
  ['bytes', 1],
  ['kb', 2 ** 10],
  ['kib', 2 ** 10],
  ['mb', 2 ** 20],
  ['mib', 2 ** 20],
  ['gb', 2 ** 30],
  ['gib', 2 ** 30],
  ['tb', 2 ** 40],
  ['tib', 2 ** 40],
])

/**
 * Reads a column header: case, spaces and punctuation do not count, `Capacity MiB`, `Capacity MB` and `vDiskCapacityMiB` are one
 * column, and a unit at the end is taken off. `sheet` is the sheet's name, which database-style exports put before each header.
 */
export function parseHeader(text: string, sheet: string): Header {
  const [, name = text, unit] = /^(.*?)[\s_(]*\(?((?:[KMGT]i?B)|in bytes)\)?\s*$/iu.exec(text.trim()) ?? []
  const plain = plainOf(name)
  const prefix = plainOf(sheet)
  const key = plain.startsWith(prefix) && plain.length > prefix.length ? plain.slice(prefix.length) : plain
  const bytes = unit === undefined ? undefined : unitBytes.get(unit.toLowerCase().replace(/^in /u, ''))
  return bytes === undefined ? { key } : { key, unitBytes: bytes }
}

const plainOf = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N}#%]/gu, '')

/** Every sheet of RVTools 3 and 4, in the order in which they are written. */
const sheetNames = [
  'vInfo',
  'vCPU',
  'vMemory',
  'vDisk',
  'vPartition',
  'vNetwork',
  'vFloppy',
  'vCD',
  'vUSB',
  'vSnapshot',
  'vTools',
  'vSource',
  'vRP',
  'vCluster',
  'vHost',
  'vHBA',
  'vNIC',
  'vSwitch',
  'vPort',
  'dvSwitch',
  'dvPort',
  'vSC_VMK',
  'vDatastore',
  'vMultiPath',
  'vLicense',
  'vFileInfo',
  'vHealth',
  'vMetaData',
] as const

/** A sheet of RVTools. */
export type SheetName = (typeof sheetNames)[number]

const namesByKey = new Map(sheetNames.map((name) => [plainOf(name), name] as const))
const keysByLength = [...namesByKey.keys()].toSorted((a, b) => b.length - a.length)

/** The sheet that a worksheet of this name is: `vInfo`, `tabvInfo`, `vInfo (2)`; undefined for others, such as `vInfo by cluster`. */
export const sheetNameOf = (worksheet: string): SheetName | undefined =>
  namesByKey.get(
    plainOf(worksheet)
      .replace(/^(?:rvtools)?(?:tab)?/u, '')
      .replace(/\d+$/u, ''),
  )

/** The sheet that a CSV file of this name holds: `RVTools_tabvInfo.csv`, `2026-01-31 vInfo.csv`. */
export const sheetNameOfFile = (file: string): SheetName | undefined => {
  // The program's own name holds that of a sheet.
  const plain = plainOf(file.replace(/^.*[/\\]/u, '').replace(/\.(?:csv|txt)$/iu, '')).replaceAll('rvtools', ' ')
  return namesByKey.get(keysByLength.find((key) => plain.includes(key)) ?? '')
}

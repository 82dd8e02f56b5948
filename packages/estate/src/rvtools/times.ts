const dayMillis = 86_400_000
/** Serial numbers count days from here: 1899-12-30, because Excel believes that 1900 was a leap year. */
const epoch1900 = Date.UTC(1899, 11, 30)
const epoch1904 = Date.UTC(1904, 0, 1)

/** RFC 3339 of a spreadsheet's day number, to the second; undefined outside 1980 to 2100. */
export function fromSerial(serial: number, uses1904Dates: boolean): string | undefined {
  const millis = (uses1904Dates ? epoch1904 : epoch1900) + Math.round((serial * dayMillis) / 1000) * 1000
  return inRange(millis)
}

const inRange = (millis: number): string | undefined =>
  millis >= Date.UTC(1980) && millis < Date.UTC(2100) ? new Date(millis).toISOString().replace('.000Z', 'Z') : undefined

/** The order in which a source writes day and month; undefined as long as nothing tells. */
export type DateOrder = 'DayFirst' | 'MonthFirst' | undefined

const written =
  /^(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AP]\.?M\.?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?$/iu

/** What a written date tells about the order of its kind. */
export function orderOf(text: string): DateOrder {
  const [, first = '', separator, second = '', , , , , half] = written.exec(text.trim()) ?? []
  if (first.length > 2 || second === '') return undefined
  if (Number(first) > 12) return 'DayFirst'
  if (Number(second) > 12 || half !== undefined) return 'MonthFirst'
  return separator === '.' ? 'DayFirst' : undefined
}

/**
 * RFC 3339 of a date as a spreadsheet or script writes it; `order` decides between day and month. Without a zone it is taken as
 * UTC, as RVTools does not write one. undefined if it is no date, outside 1980 to 2100, or its order is not known.
 */
export function fromText(text: string, order: DateOrder): string | undefined {
  const parts = written.exec(text.trim())
  const date = parts === null ? undefined : dateMillis(parts, orderOf(text) ?? order)
  if (parts === null || date === undefined) return undefined
  const [, , , , , hour = '0', minute = '0', seconds = '0', half, zone] = parts
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (/^p/iu.test(half) ? 12 : 0)
  const secondsOfDay = hours * 3600 + Number(minute) * 60 + Number(seconds)
  return secondsOfDay < 86_400 ? inRange(date + secondsOfDay * 1000 - zoneMillis(zone)) : undefined
}

/** Midnight of the day that is written; undefined if there is no such day, or its order is not known. */
function dateMillis([, first = '', , second = '', third = '']: readonly string[], order: DateOrder): number | undefined {
  if (first.length === 4) return dayMillisOf(first, second, third)
  if (order === undefined) return undefined
  const year = third.length === 2 ? `20${third}` : third
  return order === 'DayFirst' ? dayMillisOf(year, second, first) : dayMillisOf(year, first, second)
}

function dayMillisOf(year: string, month: string, day: string): number | undefined {
  const millis = Date.UTC(Number(year), Number(month) - 1, Number(day))
  const date = new Date(millis)
  return date.getUTCDate() === Number(day) && date.getUTCMonth() === Number(month) - 1 ? millis : undefined
}

function zoneMillis(zone: string | undefined): number {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/u.exec(zone ?? '') ?? []
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

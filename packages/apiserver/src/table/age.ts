const minute = 60
const hour = 60 * minute
const day = 24 * hour
const year = 365 * day

/** How long `seconds` are, in at most two units, as kubectl prints ages (`45s`, `3m20s`, `5h`, `2d3h`, `40d`, `2y10d`). */
export function formatAge(seconds: number): string {
  const whole = Math.floor(seconds)
  // A clock may be a little behind the server's.
  if (whole < -1) return '<invalid>'
  if (whole < 0) return '0s'
  if (whole < 2 * minute) return `${whole}s`
  if (whole < 10 * minute) return inUnits(whole, [minute, 'm'], [1, 's'])
  if (whole < 3 * hour) return `${Math.floor(whole / minute)}m`
  if (whole < 8 * hour) return inUnits(whole, [hour, 'h'], [minute, 'm'])
  if (whole < 2 * day) return `${Math.floor(whole / hour)}h`
  if (whole < 8 * day) return inUnits(whole, [day, 'd'], [hour, 'h'])
  if (whole < 2 * year) return `${Math.floor(whole / day)}d`
  if (whole < 8 * year) return inUnits(whole, [year, 'y'], [day, 'd'])
  return `${Math.floor(whole / year)}y`
}

type Unit = readonly [seconds: number, suffix: string]

function inUnits(seconds: number, large: Unit, small: Unit): string {
  const rest = Math.floor((seconds % large[0]) / small[0])
  return `${Math.floor(seconds / large[0])}${large[1]}${rest === 0 ? '' : `${rest}${small[1]}`}`
}

/** The age of an RFC 3339 time at `nowMillis`; `<unknown>` if there is no such time. */
export function ageOf(time: unknown, nowMillis: number): string {
  const millis = typeof time === 'string' ? Date.parse(time) : Number.NaN
  return Number.isNaN(millis) ? '<unknown>' : formatAge((nowMillis - millis) / 1000)
}

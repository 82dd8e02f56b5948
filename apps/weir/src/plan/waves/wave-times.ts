import type { Language } from '@weir/assessment'
import { InvalidArgumentError } from 'commander'

/** Reads the moment at which a programme starts, RFC 3339 with a zone, as milliseconds since the epoch. @throws InvalidArgumentError */
export function parseStart(text: string): number {
  const value = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/u.test(text)
    ? Date.parse(text)
    : Number.NaN
  if (Number.isNaN(value)) throw new InvalidArgumentError('must be a moment with its zone, as 2026-12-04T20:00:00Z.')
  return value
}

/** How times are written. */
export interface TimeStyle {
  /** When the programme starts, milliseconds since the epoch; undefined if only days of it are known. */
  readonly startMillis: number | undefined
  readonly language: Language
}

const days: Readonly<Record<Language, (day: number) => string>> = { en: (day) => `day ${day}`, 'zh-CN': (day) => `第 ${day} 天` }
const units: Readonly<Record<Language, readonly [hours: string, minutes: string]>> = {
  en: ['h', 'min'],
  'zh-CN': ['小时', '分钟'],
}
const two = (value: number): string => String(value).padStart(2, '0')

/** A moment of a programme: its date and time in UTC if the start is known, else the day of the programme and the hour of it. */
export function momentText(seconds: number, { startMillis, language }: TimeStyle): string {
  if (startMillis !== undefined) {
    const date = new Date(startMillis + seconds * 1000)
    // Beyond what dates can show; nobody plans there.
    return Number.isNaN(date.getTime()) ? '?' : `${date.toISOString().slice(0, 16).replace('T', ' ')}Z`
  }
  const minutes = Math.floor(seconds / 60)
  return `${days[language](Math.floor(minutes / 1440) + 1)} ${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`
}

/** A duration in hours and minutes, as `3 h 20 min`, rounded up. */
export function durationText(seconds: number, language: Language): string {
  const [hours, minutes] = units[language]
  const all = Math.ceil(seconds / 60)
  return all < 60 ? `${all} ${minutes}` : `${Math.floor(all / 60)} ${hours} ${two(all % 60)} ${minutes}`
}

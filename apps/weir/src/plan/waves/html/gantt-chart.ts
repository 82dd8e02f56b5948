import type { GanttBar } from '@weir/planner'
import { html, type Markup } from '../../../html/markup.ts'
import { momentText, type TimeStyle } from '../wave-times.ts'
import type { WaveTexts } from './texts.ts'

const width = 1000
const left = 150
const right = 20
const rowHeight = 26
const top = 34
/** Hours within months would vanish: a bar is never thinner. */
const barLeast = 3

const colours: Readonly<Record<GanttBar['type'], string>> = { Copy: '#0b5cc9', CutOver: '#0f7a45', Freeze: '#d5dbe1' }

/**
 * Bars over time: a row for each wave in order, freezes as bands behind all rows, the scale above, and a legend below. Bars of unknown
 * type do not exist.
 */
export function ganttChart(bars: readonly GanttBar[], { texts, ...style }: TimeStyle & { readonly texts: WaveTexts }): Markup {
  const waves = bars.filter(({ type }) => type !== 'Freeze')
  const rows = [...new Set(waves.map(({ row }) => row))]
  const first = waves.reduce((least, { startSeconds }) => Math.min(least, startSeconds), Number.POSITIVE_INFINITY)
  const last = waves.reduce((most, { endSeconds }) => Math.max(most, endSeconds), 0)
  const scale = (seconds: number): number =>
    left + (Math.min(last, Math.max(first, seconds)) - first) * ((width - left - right) / Math.max(1, last - first))
  const height = top + rows.length * rowHeight + 34
  const bottom = top + rows.length * rowHeight
  const freezes = bars.filter(
    ({ type, endSeconds, startSeconds }) => type === 'Freeze' && endSeconds > first && startSeconds < last,
  )
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${texts.calendar}">
    ${freezes.map((bar) => rectangle(bar, { x: scale(bar.startSeconds), end: scale(bar.endSeconds), y: top, tall: bottom - top, texts }))}
    ${ticks(first, last).map((seconds) => tick(scale(seconds), bottom, momentText(seconds, style)))}
    ${rows.map((row, index) => html`<text x="${left - 12}" y="${top + index * rowHeight + 18}" text-anchor="end">${row}</text>`)}
    ${waves.map((bar) => rectangle(bar, { x: scale(bar.startSeconds), end: scale(bar.endSeconds), y: top + rows.indexOf(bar.row) * rowHeight + 4, tall: rowHeight - 8, texts }))}
    ${legend(bottom + 14, texts)}
  </svg>`
}

interface Box {
  readonly x: number
  readonly end: number
  readonly y: number
  readonly tall: number
  readonly texts: WaveTexts
}

function rectangle({ type, row }: GanttBar, { x, end, y, tall, texts }: Box): Markup {
  const wide = Math.max(type === 'Freeze' || end > x ? barLeast : 0, end - x)
  return html`<rect x="${round(x)}" y="${y}" width="${round(wide)}" height="${tall}" fill="${colours[type]}"
    ><title>${row}${texts.colon}${texts.bars[type]}</title></rect
  >`
}

const tickCount = 5

function ticks(first: number, last: number): readonly number[] {
  return last > first ? Array.from({ length: tickCount }, (_, index) => first + ((last - first) * index) / (tickCount - 1)) : []
}

function tick(x: number, bottom: number, text: string): Markup {
  const anchor = x < left + 40 ? 'start' : x > width - right - 40 ? 'end' : 'middle'
  return html`<line x1="${round(x)}" y1="${top - 6}" x2="${round(x)}" y2="${bottom}" stroke="#d5dbe1" /><text
      class="soft"
      x="${round(x)}"
      y="20"
      text-anchor="${anchor}"
      >${text}</text
    >`
}

const legend = (y: number, texts: WaveTexts): readonly Markup[] =>
  (['Copy', 'CutOver', 'Freeze'] as const).map(
    (type, index) =>
      html`<rect x="${left + index * 150}" y="${y}" width="12" height="12" fill="${colours[type]}" /><text
          x="${left + 18 + index * 150}"
          y="${y + 11}"
          >${texts.bars[type]}</text
        >`,
  )

const round = (value: number): number => Math.round(value * 100) / 100

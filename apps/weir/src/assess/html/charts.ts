import type { Waterfall } from '@weir/assessment'
import type { Readiness } from '@weir/estate'
import { html, type Markup } from '../../html/markup.ts'
import type { PageTexts } from './texts.ts'

const rowHeight = 34
const left = 190
const right = 150
const width = 1000

/** Hosts by step as bars, each with its bound as a mark; today's count is a line through all. */
export function waterfallChart({ today, steps }: Waterfall, texts: PageTexts): Markup {
  const taken = steps.filter((step) => step.kind === 'Taken')
  const most = Math.max(today.hostCount, ...taken.map(({ hostCount }) => hostCount), 1)
  const scale = (hosts: number): number => (hosts / most) * (width - left - right)
  const height = (taken.length + 1) * rowHeight + 24
  const rows = [
    bar({ row: 0, label: texts.today, length: scale(today.hostCount), colour: '#7b8794', value: String(today.hostCount) }),
    ...taken.map(({ id, hostCount, bound, changePercent }, index) =>
      bar({
        row: index + 1,
        label: texts.steps[id],
        length: scale(hostCount),
        colour: hostCount <= today.hostCount ? '#0b5cc9' : '#8f5600',
        value: index === 0 ? String(hostCount) : `${hostCount} (${texts.percent(signed(changePercent))})`,
        mark: scale(bound),
      }),
    ),
  ]
  const at = left + scale(today.hostCount)
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${texts.waterfall}">
    <line x1="${at}" y1="8" x2="${at}" y2="${height - 8}" stroke="#7b8794" stroke-dasharray="3 3" />
    ${rows}
  </svg>`
}

interface Bar {
  readonly row: number
  readonly label: string
  readonly length: number
  readonly colour: string
  readonly value: string
  readonly mark?: number
}

function bar({ row, label, length, colour, value, mark }: Bar): Markup {
  const y = 12 + row * rowHeight
  const bound =
    mark === undefined
      ? undefined
      : html`<line x1="${left + mark}" y1="${y - 3}" x2="${left + mark}" y2="${y + 25}" stroke="#1b2128" stroke-width="2" />`
  return html`<text x="${left - 12}" y="${y + 16}" text-anchor="end">${label}</text
    ><rect x="${left}" y="${y}" width="${Math.max(1, length)}" height="22" rx="2" fill="${colour}" />${bound}<text
      x="${left + length + 10}"
      y="${y + 16}"
      >${value}</text
    >`
}

const signed = (value: number): string => (value > 0 ? `+${value.toFixed(0)}` : value.toFixed(0))

const readinessColours: Readonly<Record<Readiness, string>> = {
  Ready: '#0f7a45',
  ReadyWithWork: '#c98a1b',
  Blocked: '#b92c2c',
  NotMoved: '#9aa6b2',
}

/** One bar of all machines, cut by readiness, with a legend of words and counts. */
export function readinessChart(counts: Readonly<Record<Readiness, number>>, texts: PageTexts): Markup {
  const entries = Object.entries(counts) as (readonly [Readiness, number])[]
  const total = Math.max(
    1,
    entries.reduce((sum, [, count]) => sum + count, 0),
  )
  let x = 20
  const cuts = entries.map(([readiness, count], index) => {
    const length = (count / total) * (width - 40)
    const piece = html`<rect x="${x}" y="16" width="${length}" height="26" fill="${readinessColours[readiness]}" />
      <rect x="${20 + index * 240}" y="58" width="12" height="12" fill="${readinessColours[readiness]}" /><text
        x="${38 + index * 240}"
        y="69"
        >${texts.readinessClasses[readiness]}${texts.colon}${count}</text
      >`
    x += length
    return piece
  })
  return html`<svg viewBox="0 0 ${width} 84" role="img" aria-label="${texts.readiness}">${cuts}</svg>`
}

import { type AssessmentReport, type Language, noteText, type WaterfallStep } from '@weir/assessment'
import { concernText } from '@weir/estate'
import { readinessChart, waterfallChart } from './charts.ts'
import { figure, table } from '../../html/blocks.ts'
import { html, type Markup } from '../../html/markup.ts'
import type { PageTexts } from './texts.ts'

/** A report with what it takes to write it in a language. */
export interface Page {
  readonly report: AssessmentReport
  readonly texts: PageTexts
  readonly language: Language
}

/** What it is about, and what may be claimed. */
export function verdictSection({ report, texts, language }: Page): Markup {
  const { metadata, inventory, waterfall } = report
  const { today, claim } = waterfall
  const last = waterfall.steps.findLast((step) => step.kind === 'Taken')
  return html`<header>
      <h1>${texts.title}${texts.colon}${metadata.name}</h1>
      <p>${texts.lead}</p>
      <p class="meta">
        ${[metadata.collectedTime?.slice(0, 10), texts.machines(inventory.machines), `${inventory.cpuCount} vCPU`, tebibytes(inventory.memoryBytes)].filter((part) => part !== undefined).join(' · ')}
      </p>
    </header>
    <section class="verdict">
      <strong>${claim.isHalf ? texts.verdictHalf : texts.verdictNotHalf}</strong>
      <dl class="figures">
        ${figure(texts.today, html`${today.hostCount} <small>${texts.hostsWith(today.coreCount)}</small>`)}
        ${figure(texts.proposed, html`${last?.hostCount ?? 0} <small>${texts.hostsWith(last?.coreCount ?? 0)}</small>`)}
        ${figure(texts.ofHosts, texts.percent(saving(claim.savedHostsPercent)))}
        ${figure(texts.ofCores, texts.percent(saving(claim.savedCoresPercent)))}
        ${figure(texts.atMost, texts.percent(saving(claim.atMostPercent)))}
        ${figure(texts.confidence, texts.confidences[claim.confidence])}
      </dl>
      <ul>
        ${claim.reasons.map((reason) => html`<li>${noteText(reason, language)}</li>`)}
      </ul>
    </section>`
}

const saving = (percent: number): string => `${percent > 0 ? '−' : '+'}${Math.abs(percent).toFixed(0)}`
const tebibytes = (bytes: number): string => `${(bytes / 2 ** 40).toFixed(1)} TiB`

/** The chart of steps, and each step with what it rests on. */
export function waterfallSection({ report, texts, language }: Page): Markup {
  const rows = report.waterfall.steps.map((step) => stepRow(step, { texts, language }))
  return html`<section>
    <h2>${texts.waterfall}</h2>
    <p>${texts.waterfallLead}</p>
    ${waterfallChart(report.waterfall, texts)}
    ${table([texts.step, { number: texts.hosts }, { number: texts.bound }, { number: texts.gap }, { number: texts.cores }, texts.confidence, texts.assumptions], rows)}
  </section>`
}

function stepRow(step: WaterfallStep, { texts, language }: Pick<Page, 'texts' | 'language'>): Markup {
  const name = texts.steps[step.id]
  if (step.kind === 'Refused')
    return html`<tr>
      <td>${name}</td>
      <td colspan="5" class="Information">${texts.notShown}</td>
      <td>${noteText(step.reason, language)}${texts.space}${noteText(step.remedy, language)}</td>
    </tr>`
  const notes = [
    ...step.assumptions.map((assumption) => html`<li>${noteText(assumption, language)}</li>`),
    ...step.refused.map(({ reason, count }) => html`<li>${texts.refused(count)}${texts.colon}${noteText(reason, language)}</li>`),
    ...(step.unplaced.length === 0 ? [] : [html`<li class="Critical">${texts.noPlace(step.unplaced.length)}</li>`]),
  ]
  return html`<tr>
    <td>${name}</td>
    <td class="number">${step.hostCount}</td>
    <td class="number">${step.bound}</td>
    <td class="number">${texts.percent(step.gapPercent.toFixed(1))}</td>
    <td class="number">${step.coreCount}</td>
    <td>${texts.confidences[step.confidence]}</td>
    <td>
      <ul>
        ${notes}
      </ul>
    </td>
  </tr>`
}

/** How many machines are how ready, and what is in the way. */
export function readinessSection({ report, texts, language }: Page): Markup {
  const rows = report.concerns.map(({ id, severity, count, remedy }) => {
    const text = concernText({ id, remedy }, language)
    return html`<tr>
      <td class="${severity}">${texts.severities[severity]}</td>
      <td>${text.title}</td>
      <td class="number">${count}</td>
      <td>${text.remedy}</td>
    </tr>`
  })
  return html`<section>
    <h2>${texts.readiness}</h2>
    <p>${texts.effort}${texts.colon}${texts.hours(Math.round(report.effortHours))}</p>
    ${readinessChart(report.readiness, texts)}
    ${table([texts.severity, texts.concern, { number: texts.count }, texts.remedy], rows, texts.concerns)}
  </section>`
}

/** How a sceptic checks it. */
export const methodSection = ({ texts }: Page): Markup =>
  html`<section>
    <h2>${texts.method}</h2>
    <ul>
      ${texts.methodLines.map((line) => html`<li>${line}</li>`)}
    </ul>
  </section>`

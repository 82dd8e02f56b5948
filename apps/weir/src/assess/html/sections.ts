import {
  type AssessmentReport,
  type Language,
  type MachineReport,
  noteText,
  type SizeAdvice,
  type WaterfallStep,
} from '@weir/assessment'
import { chineseConcerns, type ConcernId, type ConcernText, englishConcerns } from '@weir/estate'
import { readinessChart, waterfallChart } from './charts.ts'
import { html, type Markup } from './markup.ts'
import type { PageTexts } from './texts.ts'

/** A report with what it takes to write it in a language. */
export interface Page {
  readonly report: AssessmentReport
  readonly texts: PageTexts
  readonly language: Language
}

/** Rows shown of long lists; the JSON form has all. */
const mostRows = 200

/** What it is about, and what may be claimed. */
export function verdictSection({ report, texts, language }: Page): Markup {
  const { metadata, inventory, waterfall } = report
  const { today, claim } = waterfall
  const last = waterfall.steps.findLast((step) => step.kind === 'Taken')
  return html`<header>
      <h1>${texts.title}: ${metadata.name}</h1>
      <p>${texts.lead}</p>
      <p class="meta">
        ${[metadata.collectedTime?.slice(0, 10), `${inventory.machines} ${texts.machines}`, `${inventory.cpuCount} vCPU`, tebibytes(inventory.memoryBytes)].filter((part) => part !== undefined).join(' · ')}
      </p>
    </header>
    <section class="verdict">
      <strong>${claim.isHalf ? texts.verdictHalf : texts.verdictNotHalf}</strong>
      <dl class="figures">
        ${figure(texts.today, html`${today.hostCount} <small>${texts.hosts} · ${today.coreCount} ${texts.cores}</small>`)}
        ${figure(texts.proposed, html`${last?.hostCount} <small>${texts.hosts} · ${last?.coreCount} ${texts.cores}</small>`)}
        ${figure(texts.ofHosts, html`${saving(claim.savedHostsPercent)}`)}
        ${figure(texts.ofCores, html`${saving(claim.savedCoresPercent)}`)}
        ${figure(texts.atMost, html`${saving(claim.atMostPercent)}`)}
        ${figure(texts.confidence, html`${texts.confidences[claim.confidence]}`)}
      </dl>
      <ul>
        ${claim.reasons.map((reason) => html`<li>${noteText(reason, language)}</li>`)}
      </ul>
    </section>`
}

const figure = (name: string, value: Markup): Markup =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`
const saving = (percent: number): string => `${percent > 0 ? '−' : '+'}${Math.abs(percent).toFixed(0)} %`
const tebibytes = (bytes: number): string => `${(bytes / 2 ** 40).toFixed(1)} TiB`

/** The chart of steps, and each step with what it rests on. */
export function waterfallSection({ report, texts, language }: Page): Markup {
  const rows = report.waterfall.steps.map((step) => stepRow(step, { texts, language }))
  return html`<section>
    <h2>${texts.waterfall}</h2>
    <p>${texts.waterfallLead}</p>
    ${waterfallChart(report.waterfall, texts)}
    <table>
      <thead>
        <tr>
          <th>${texts.step}</th>
          <th class="number">${texts.hosts}</th>
          <th class="number">${texts.bound}</th>
          <th class="number">${texts.gap}</th>
          <th class="number">${texts.cores}</th>
          <th>${texts.confidence}</th>
          <th>${texts.assumptions}</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </section>`
}

function stepRow(step: WaterfallStep, { texts, language }: Pick<Page, 'texts' | 'language'>): Markup {
  const name = texts.steps[step.id]
  if (step.kind === 'Refused')
    return html`<tr>
      <td>${name}</td>
      <td colspan="5" class="Information">${texts.notShown}</td>
      <td>${noteText(step.reason, language)} ${noteText(step.remedy, language)}</td>
    </tr>`
  const notes = [
    ...step.assumptions.map((assumption) => html`<li>${noteText(assumption, language)}</li>`),
    ...step.refused.map(({ reason, count }) => html`<li>${texts.refused} (${count}): ${noteText(reason, language)}</li>`),
    ...(step.unplaced.length === 0 ? [] : [html`<li class="Critical">${step.unplaced.length} ${texts.noPlace}</li>`]),
  ]
  return html`<tr>
    <td>${name}</td>
    <td class="number">${step.hostCount}</td>
    <td class="number">${step.bound}</td>
    <td class="number">${step.gapPercent.toFixed(1)} %</td>
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
    const text = concernText(id, language)
    return html`<tr>
      <td class="${severity}">${texts.severities[severity]}</td>
      <td>${text?.title ?? id}</td>
      <td class="number">${count}</td>
      <td>${text?.remedy ?? remedy}</td>
    </tr>`
  })
  return html`<section>
    <h2>${texts.readiness}</h2>
    <p>${texts.effort}: ${texts.hours(Math.round(report.effortHours))}</p>
    ${readinessChart(report.readiness, texts)}
    <table>
      <caption>
        ${texts.concerns}
      </caption>
      <thead>
        <tr>
          <th>${texts.severity}</th>
          <th>${texts.concern}</th>
          <th class="number">${texts.count}</th>
          <th>${texts.remedy}</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </section>`
}

function concernText(id: string, language: Language): ConcernText | undefined {
  const catalogue: Readonly<Record<ConcernId, ConcernText>> = language === 'en' ? englishConcerns : chineseConcerns
  return Object.hasOwn(catalogue, id) ? catalogue[id as ConcernId] : undefined
}

/** Blocked machines first, then those with the most work. */
export function machineSection({ report, texts, language }: Page): Markup | undefined {
  const concerned = report.machines
    .filter(({ readiness }) => readiness === 'Blocked' || readiness === 'ReadyWithWork')
    .toSorted((a, b) => Number(b.readiness === 'Blocked') - Number(a.readiness === 'Blocked') || b.effortHours - a.effortHours)
  if (concerned.length === 0) return undefined
  const rows = concerned.slice(0, mostRows).map(
    ({ name, cluster, readiness, concerns }) =>
      html`<tr>
        <td>${name}</td>
        <td>${cluster}</td>
        <td class="${readiness}">${texts.readinessClasses[readiness]}</td>
        <td>
          <ul>
            ${concerns
              .filter(({ severity }) => severity !== 'Information')
              .map(
                ({ id, severity, evidence }) =>
                  html`<li><span class="${severity}">${concernText(id, language)?.title ?? id}</span>: ${evidence}</li>`,
              )}
          </ul>
        </td>
      </tr>`,
  )
  return html`<section>
    <h2>${texts.machineList}</h2>
    <table>
      <thead>
        <tr>
          <th>${texts.machine}</th>
          <th>${texts.cluster}</th>
          <th>${texts.state}</th>
          <th>${texts.concerns}</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    ${rest(concerned.length, texts)}
  </section>`
}

const rest = (count: number, texts: PageTexts): Markup | undefined =>
  count > mostRows ? html`<p class="meta">${texts.more(count - mostRows)}</p>` : undefined

/** Machines that could be smaller. */
export function sizeSection({ report, texts, language }: Page): Markup | undefined {
  const advised = report.machines.flatMap((machine) => [
    ...resizes(machine, machine.size.cpuCount, (size) => `${size} vCPU`),
    ...resizes(machine, machine.size.memoryMebibytes, (size) => `${(size / 1024).toFixed(1)} GiB`),
  ])
  if (advised.length === 0) return undefined
  const rows = advised.slice(0, mostRows).map(
    ({ name, from, to, advice }) =>
      html`<tr>
        <td>${name}</td>
        <td class="number">${from}</td>
        <td class="number">${to}</td>
        <td>${noteText(advice.reason, language)}</td>
        <td>${texts.confidences[advice.evidence.confidence]}</td>
      </tr>`,
  )
  return html`<section>
    <h2>${texts.sizes}</h2>
    <p>${texts.sizesLead}</p>
    <table>
      <thead>
        <tr>
          <th>${texts.machine}</th>
          <th class="number">${texts.from}</th>
          <th class="number">${texts.to}</th>
          <th>${texts.reason}</th>
          <th>${texts.confidence}</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    ${rest(advised.length, texts)}
  </section>`
}

const resizes = ({ name }: MachineReport, advice: SizeAdvice, show: (size: number) => string) =>
  advice.kind === 'Resize' ? [{ name, from: show(advice.from), to: show(advice.to), advice }] : []

/** Machines that may not be needed at all. */
export function retirementSection({ report, texts, language }: Page): Markup | undefined {
  const found = report.machines.flatMap(({ name, cluster, retirement }) =>
    retirement === undefined ? [] : [{ name, cluster, retirement }],
  )
  if (found.length === 0) return undefined
  const rows = found.slice(0, mostRows).map(
    ({ name, cluster, retirement }) =>
      html`<tr>
        <td>${name}</td>
        <td>${cluster}</td>
        <td>${noteText(retirement.reason, language)}</td>
      </tr>`,
  )
  return html`<section>
    <h2>${texts.retire}</h2>
    <p>${texts.retireLead}</p>
    <table>
      <thead>
        <tr>
          <th>${texts.machine}</th>
          <th>${texts.cluster}</th>
          <th>${texts.reason}</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    ${rest(found.length, texts)}
  </section>`
}

/** What to know about the data before anything is concluded from them. */
export function dataSection({ report, texts }: Page): Markup | undefined {
  if (report.findings.length === 0) return undefined
  const rows = report.findings
    .slice(0, mostRows)
    .map(({ object, message, remedy }) => html`<li>${object}: ${message} ${remedy}</li>`)
  return html`<section>
    <h2>${texts.data}</h2>
    <p>${texts.dataLead}</p>
    <ul>
      ${rows}
    </ul>
    ${rest(report.findings.length, texts)}
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

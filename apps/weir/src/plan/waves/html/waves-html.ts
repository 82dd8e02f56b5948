import type { Language } from '@weir/assessment'
import { figure, moreRows, mostRows, table } from '../../../html/blocks.ts'
import { html, type Markup } from '../../../html/markup.ts'
import { pageHtml } from '../../../html/page.ts'
import { durationText, momentText } from '../wave-times.ts'
import type { PlannedWaves } from '../waves-text.ts'
import { ganttChart } from './gantt-chart.ts'
import { type WaveTexts, waveTexts } from './texts.ts'

/** Waves with what it takes to write them in a language. */
interface Page extends PlannedWaves {
  readonly texts: WaveTexts
  readonly language: Language
}

/** The waves as one page that needs nothing else: figures, a calendar, a table, and what has no wave. It prints well. */
export function wavesHtml(planned: Omit<Page, 'texts'>): string {
  const { language } = planned
  const page: Page = { ...planned, texts: waveTexts[language] }
  const sections = [verdict, calendar, waveTable, groups, unplanned, limits].flatMap((section) => section(page) ?? [])
  return pageHtml(sections, { title: page.texts.title, language })
}

function verdict({ problem, plan, texts }: Page): Markup {
  const machines = plan.waves.reduce((sum, { workloads }) => sum + workloads.length, 0)
  const mebibytes = plan.waves.reduce((sum, wave) => sum + wave.mebibytes, 0)
  const weight = problem.dependencies.reduce((sum, { weight: each = 0 }) => sum + each, 0)
  return html`<header>
      <h1>${texts.title}</h1>
      <p>${texts.lead}</p>
    </header>
    <section class="verdict">
      <dl class="figures">
        ${figure(texts.waves, String(plan.waves.length))}
        ${plan.unplanned.length > 0 ? undefined : figure(texts.bound, String(plan.boundWaves))}
        ${figure(texts.machines, String(machines))} ${figure(texts.data, gibibytes(mebibytes))}
        ${weight > 0 ? figure(texts.crossing, texts.percent(((100 * plan.crossWaveWeight) / weight).toFixed(0))) : undefined}
        ${plan.unplanned.length > 0 ? figure(texts.unplanned, String(plan.unplanned.length)) : undefined}
      </dl>
    </section>`
}

function calendar({ plan, texts, startMillis, language }: Page): Markup | undefined {
  if (plan.waves.length === 0) return undefined
  return html`<section>
    <h2>${texts.calendar}</h2>
    <p>${texts.calendarLead}</p>
    ${ganttChart(plan.gantt, { texts, startMillis, language })}
  </section>`
}

function waveTable({ problem, plan, texts, startMillis, language }: Page): Markup | undefined {
  if (plan.waves.length === 0) return undefined
  const rows = plan.waves.map((wave) => {
    const span = problem.windows[wave.window]
    const moment = (seconds: number | undefined): string =>
      seconds === undefined ? '' : momentText(seconds, { startMillis, language })
    return html`<tr>
      <td class="tight">${wave.name}</td>
      <td class="tight">${texts.types[wave.type]}</td>
      <td class="tight">${moment(span?.startSeconds)}</td>
      <td class="tight">${moment(span?.endSeconds)}</td>
      <td class="number">${wave.workloads.length}</td>
      <td class="number">${gibibytes(wave.mebibytes)}</td>
      <td class="number">${durationText(wave.transferSeconds, language)}</td>
      <td>${listed(wave.apps, texts)}</td>
      <td>${listed(wave.freedHosts, texts)}</td>
    </tr>`
  })
  return html`<section>
    <h2>${texts.waves}</h2>
    ${table([texts.wave, texts.type, texts.from, texts.to, { number: texts.machines }, { number: texts.data }, { number: texts.copy }, texts.apps, texts.frees], rows)}
  </section>`
}

function groups({ plan, texts }: Page): Markup | undefined {
  if (plan.groups.length === 0) return undefined
  return html`<section>
    <h2>${texts.groups}</h2>
    <ul>
      ${plan.groups
        .slice(0, mostRows)
        .map(({ apps, reason }) => html`<li>${listed(apps, texts)}${texts.colon}${texts.groupReasons[reason]}</li>`)}
    </ul>
    ${moreRows(plan.groups.length, texts.more)}
  </section>`
}

function unplanned({ plan, texts }: Page): Markup | undefined {
  if (plan.unplanned.length === 0) return undefined
  return html`<section>
    <h2 class="Critical">${texts.unplanned}</h2>
    <p>${texts.unplannedLead}</p>
    ${table(
      [texts.app, texts.reason],
      plan.unplanned.slice(0, mostRows).map(
        ({ app, message }) =>
          html`<tr>
            <td>${app}</td>
            <td>${message}</td>
          </tr>`,
      ),
    )}
    ${moreRows(plan.unplanned.length, texts.more)}
  </section>`
}

function limits({ problem, texts }: Page): Markup {
  const lines = texts.limitLines({
    cutOvers: problem.limits.cutOvers,
    mebibytesPerSecond: problem.limits.transferMebibytesPerSecond,
    hosts: problem.target.hosts.length,
    reused: problem.target.reusedHosts?.length ?? 0,
    failover: problem.target.failoverHosts ?? 0,
  })
  return html`<section>
    <h2>${texts.limits}</h2>
    <ul>
      ${lines.map((line) => html`<li>${line}</li>`)}
    </ul>
  </section>`
}

const mostListed = 30
const listed = (names: readonly string[], texts: WaveTexts): string =>
  [...names.slice(0, mostListed), ...(names.length > mostListed ? [texts.more(names.length - mostListed)] : [])].join(texts.comma)
const gibibytes = (mebibytes: number): string => `${(mebibytes / 1024).toFixed(1)} GiB`

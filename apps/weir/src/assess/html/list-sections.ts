import { type MachineReport, noteText, type SizeAdvice } from '@weir/assessment'
import { concernText, evidenceText, findingText } from '@weir/estate'
import { moreRows, mostRows, table } from '../../html/blocks.ts'
import { html, type Markup } from '../../html/markup.ts'
import type { Page } from './sections.ts'
import type { PageTexts } from './texts.ts'

/** What features of clusters mean for the move. */
export function clusterSection({ report, texts, language }: Page): Markup | undefined {
  const { clusterConcerns } = report
  if (clusterConcerns.length === 0) return undefined
  const rows = clusterConcerns.slice(0, mostRows).map((concern) => {
    const { title, remedy } = concernText(concern, language)
    return html`<tr>
      <td>${concern.object.name}</td>
      <td>${title}${texts.colon}${evidenceText(concern, language)}</td>
      <td>${remedy}</td>
    </tr>`
  })
  return html`<section>
    <h2>${texts.clusterConcerns}</h2>
    ${table([texts.cluster, texts.concern, texts.remedy], rows)} ${moreRows(clusterConcerns.length, texts.more)}
  </section>`
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
                (concern) =>
                  html`<li>
                    <span class="${concern.severity}">${concernText(concern, language).title}</span
                    >${texts.colon}${evidenceText(concern, language)}
                  </li>`,
              )}
          </ul>
        </td>
      </tr>`,
  )
  return html`<section>
    <h2>${texts.machineList}</h2>
    ${table([texts.machine, texts.cluster, texts.state, texts.concerns], rows)} ${moreRows(concerned.length, texts.more)}
  </section>`
}

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
    ${table([texts.machine, { number: texts.from }, { number: texts.to }, texts.reason, texts.confidence], rows)}
    ${moreRows(advised.length, texts.more)}
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
    ${table([texts.machine, texts.cluster, texts.reason], rows)} ${moreRows(found.length, texts.more)}
  </section>`
}

/** What to know about the data before anything is concluded from them. */
export function dataSection({ report, texts, language }: Page): Markup | undefined {
  if (report.findings.length === 0) return undefined
  const rows = report.findings.slice(0, mostRows).map((finding) => {
    const { message, remedy } = findingText(finding, language)
    return html`<li>${objectName(finding.object, texts)}${texts.colon}${message}${texts.space}${remedy}</li>`
  })
  return html`<section>
    <h2>${texts.data}</h2>
    <p>${texts.dataLead}</p>
    <ul>
      ${rows}
    </ul>
    ${moreRows(report.findings.length, texts.more)}
  </section>`
}

/** As `machine vm-42`, from `machine/vm-42`; what is of no known kind stays as it is. */
function objectName(object: string, { objectKinds }: PageTexts): string {
  const slash = object.indexOf('/')
  const kind = object.slice(0, Math.max(slash, 0))
  return Object.hasOwn(objectKinds, kind) ? `${objectKinds[kind] ?? kind} ${object.slice(slash + 1)}` : object
}

import type { AssessmentReport, WaterfallStep } from '@weir/assessment'
import { terminalText } from '../cli/terminal-text.ts'
import { findingLines } from '../text/finding-lines.ts'
import { textTable } from '../text/text-table.ts'

const titles: Readonly<Record<WaterfallStep['id'], string>> = {
  OneToOne: 'a core for each vCPU',
  TodayOvercommit: "today's overcommit",
  OneFabric: 'one fabric',
  RightSized: 'right-sized',
  TimeAware: 'shared over time',
  HardwareGeneration: 'new hosts',
  IdleRetired: 'idle machines retired',
}

/** The report for a terminal: what there is, how ready it is, how many hosts it needs, and what may be claimed. */
export function reportText(report: AssessmentReport): string {
  return terminalText([
    ...heading(report),
    '',
    ...readinessLines(report),
    '',
    ...concernLines(report),
    ...waterfallLines(report),
    '',
    ...claimLines(report),
    ...findingLines(report.findings),
  ])
}

function heading({ metadata, inventory }: AssessmentReport): readonly string[] {
  const { machines, poweredOn, templates, hosts, clusters, cpuCount, memoryBytes } = inventory
  return [
    `Estate    ${metadata.name}${metadata.collectedTime === undefined ? '' : `, read ${metadata.collectedTime.slice(0, 10)}`}`,
    `Machines  ${machines} (${poweredOn} on, ${templates} templates), ${cpuCount} vCPUs, ${(memoryBytes / 2 ** 40).toFixed(1)} TiB of memory`,
    `Hosts     ${hosts} in ${clusters} clusters`,
  ]
}

function readinessLines({ readiness, effortHours }: AssessmentReport): readonly string[] {
  const { Ready, ReadyWithWork, Blocked, NotMoved } = readiness
  return [
    `Ready     ${Ready} as they are, ${ReadyWithWork} with some work, ${Blocked} blocked, ${NotMoved} are not moved`,
    `Work      ${Math.round(effortHours)} hours of people`,
  ]
}

function concernLines({ concerns }: AssessmentReport): readonly string[] {
  if (concerns.length === 0) return []
  const rows = concerns.map(({ severity, id, count, remedy }) => [severity.toUpperCase(), String(count), id, remedy])
  return [...textTable(['SEVERITY', 'MACHINES', 'CONCERN', 'REMEDY'], rows), '']
}

function waterfallLines({ waterfall }: AssessmentReport): readonly string[] {
  const { today, steps } = waterfall
  const first = ['today', String(today.hostCount), '', '', String(today.coreCount), '', '']
  const rows = steps.map((step) =>
    step.kind === 'Refused'
      ? [titles[step.id], '-', '', '', '', '', `not shown: ${step.reason.text}`]
      : [
          titles[step.id],
          String(step.hostCount),
          String(step.bound),
          `${step.gapPercent.toFixed(1)} %`,
          String(step.coreCount),
          step.confidence,
          step.unplaced.length === 0 ? '' : `${step.unplaced.length} machine(s) fit no host`,
        ],
  )
  return textTable(['STEP', 'HOSTS', 'BOUND', 'GAP', 'CORES', 'CONFIDENCE', 'NOTE'], [first, ...rows])
}

function claimLines({ waterfall }: AssessmentReport): readonly string[] {
  const { steps } = waterfall
  const remedies = steps.flatMap((step) => (step.kind === 'Refused' ? [`  - ${titles[step.id]}: ${step.remedy.text}`] : []))
  if (steps.every(({ kind }) => kind === 'Refused'))
    return ['Nothing can be claimed: the data give no ground for any step.', ...remedies]
  const { savedHostsPercent, savedCoresPercent, atMostPercent, isHalf, confidence, reasons } = waterfall.claim
  const needed = steps.findLast((step) => step.kind === 'Taken')?.hostCount ?? 0
  const change = `${fewer(savedHostsPercent, 'hosts')}, ${fewer(savedCoresPercent, 'cores')}`
  return [
    `${isHalf ? 'Half the hardware goes' : 'Less than half the hardware goes'}: ${waterfall.today.hostCount} hosts today, ${needed} needed; ${change}. ` +
      `No layout saves more than ${atMostPercent.toFixed(0)} % of the hosts. Confidence: ${confidence.toLowerCase()}.`,
    ...reasons.map(({ text }) => `  - ${text}`),
    ...remedies,
  ]
}

const fewer = (savedPercent: number, what: string): string =>
  `${Math.abs(savedPercent).toFixed(0)} % ${savedPercent < 0 ? 'more' : 'fewer'} ${what}`

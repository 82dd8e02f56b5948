import type { AssessmentReport, SizeAdvice } from '@weir/assessment'
import { type WriteSheet, writeXlsx } from 'hucre/xlsx'

/** The report as a workbook: a sheet each for the waterfall, machines, concerns, sizes and what to know about the data. */
export const reportXlsx = (report: AssessmentReport): Promise<Uint8Array> =>
  writeXlsx({
    sheets: [waterfallSheet(report), machineSheet(report), concernSheet(report), sizeSheet(report), dataSheet(report)],
  })

type Row = Readonly<Record<string, string | number>>

/** A sheet whose first row stays in sight. Cells are text or numbers: nothing of the source becomes a formula. */
function sheet(name: string, columns: readonly (readonly [header: string, width: number])[], rows: readonly Row[]): WriteSheet {
  return {
    name,
    columns: columns.map(([header, width]) => ({ header, key: header, width })),
    data: [...rows],
    freezePane: { rows: 1 },
  }
}

function waterfallSheet({ waterfall }: AssessmentReport): WriteSheet {
  const { today, steps, claim } = waterfall
  const rows: readonly Row[] = [
    { Step: 'Today', Hosts: today.hostCount, Cores: today.coreCount },
    ...steps.map((step): Row =>
      step.kind === 'Refused'
        ? { Step: step.id, Notes: `Not shown: ${step.reason.text} ${step.remedy.text}` }
        : {
            Step: step.id,
            Hosts: step.hostCount,
            Bound: step.bound,
            'Gap %': step.gapPercent,
            Cores: step.coreCount,
            Confidence: step.confidence,
            Notes: step.assumptions.map(({ text }) => text).join(' '),
          },
    ),
    { Step: 'Claim', Notes: [`Half: ${claim.isHalf ? 'yes' : 'no'}.`, ...claim.reasons.map(({ text }) => text)].join(' ') },
  ]
  return sheet(
    'Waterfall',
    [
      ['Step', 20],
      ['Hosts', 8],
      ['Bound', 8],
      ['Gap %', 8],
      ['Cores', 8],
      ['Confidence', 11],
      ['Notes', 100],
    ],
    rows,
  )
}

const machineSheet = ({ machines }: AssessmentReport): WriteSheet =>
  sheet(
    'Machines',
    [
      ['Machine', 28],
      ['Cluster', 20],
      ['Readiness', 14],
      ['Hours', 8],
      ['Warm blockers', 40],
      ['Concerns', 60],
      ['Retirement', 40],
    ],
    machines.map(({ name, cluster, readiness, effortHours, warmBlockers, concerns, retirement }) => ({
      Machine: name,
      Cluster: cluster ?? '',
      Readiness: readiness,
      Hours: effortHours,
      'Warm blockers': warmBlockers.join(', '),
      Concerns: concerns.map(({ id }) => id).join(', '),
      Retirement: retirement?.reason.text ?? '',
    })),
  )

const concernSheet = ({ machines }: AssessmentReport): WriteSheet =>
  sheet(
    'Concerns',
    [
      ['Machine', 28],
      ['Severity', 12],
      ['Concern', 32],
      ['Evidence', 70],
      ['Remedy', 70],
    ],
    machines.flatMap(({ name, concerns }) =>
      concerns.map(({ id, severity, evidence, remedy }) => ({
        Machine: name,
        Severity: severity,
        Concern: id,
        Evidence: evidence,
        Remedy: remedy,
      })),
    ),
  )

function sizeSheet({ machines }: AssessmentReport): WriteSheet {
  const row = (name: string, what: string, advice: SizeAdvice): Row =>
    advice.kind === 'Keep'
      ? { Machine: name, What: what, Now: advice.size, Advice: advice.size, Reason: advice.reason.text }
      : {
          Machine: name,
          What: what,
          Now: advice.from,
          Advice: advice.to,
          Reason: advice.reason.text,
          Confidence: advice.evidence.confidence,
          Days: advice.evidence.days,
        }
  return sheet(
    'Sizes',
    [
      ['Machine', 28],
      ['What', 12],
      ['Now', 10],
      ['Advice', 10],
      ['Reason', 80],
      ['Confidence', 11],
      ['Days', 8],
    ],
    machines.flatMap(({ name, size }) => [row(name, 'vCPUs', size.cpuCount), row(name, 'Memory MiB', size.memoryMebibytes)]),
  )
}

const dataSheet = ({ findings }: AssessmentReport): WriteSheet =>
  sheet(
    'Data',
    [
      ['Kind', 14],
      ['Object', 32],
      ['Field', 20],
      ['Finding', 80],
      ['Remedy', 60],
    ],
    findings.map(({ kind, object, field, message, remedy }) => ({
      Kind: kind,
      Object: object,
      Field: field ?? '',
      Finding: message,
      Remedy: remedy,
    })),
  )

import { type AssessmentPolicy, type AssessmentReport, assessEstate, defaultAssessmentPolicy } from '@weir/assessment'
import { WeirError } from '@weir/base'
import { openEstateFiles, parseUserRules, type UserRule } from '@weir/estate'
import { plan } from '@weir/planner'
import type { AssessFlags } from '../plan/commands.ts'
import { readDocument } from '../plan/read-document.ts'
import { reportText } from './report-text.ts'

/** Reads the files, judges the estate and prints the report to standard output. @throws ESTATE_*, PLAN_* */
export async function runAssess(files: readonly string[], flags: AssessFlags): Promise<void> {
  if (flags.output === 'xlsx' && process.stdout.isTTY)
    throw new WeirError('CLI_USAGE', 'a workbook is no text for a terminal; send it to a file: -o xlsx > report.xlsx')
  const abort = new AbortController()
  process.once('SIGINT', () => abort.abort(new WeirError('CLI_CANCELLED', 'stopped before the assessment was done')))
  const rules = flags.rules === undefined ? [] : await readRules(flags.rules)
  const estate = await openEstateFiles(files, { signal: abort.signal, ...(flags.name === undefined ? {} : { name: flags.name }) })
  const report = await assessEstate(estate, {
    policy: policyOf(flags),
    rules,
    now: Date.now(),
    planner: (problem) => {
      abort.signal.throwIfAborted()
      return plan(problem, { signal: abort.signal })
    },
  })
  process.stdout.write(await shown(report, flags))
}

async function shown(report: AssessmentReport, { output, lang }: AssessFlags): Promise<string | Uint8Array> {
  switch (output) {
    case 'json':
      return `${JSON.stringify(report, undefined, 2)}\n`
    case 'html':
      return (await import('./html/report-html.ts')).reportHtml(report, lang)
    case 'xlsx':
      return (await import('./report-xlsx.ts')).reportXlsx(report)
    case 'table':
      return reportText(report)
  }
}

function policyOf({ targetHost, cpuRatio, cpuLimit, failover, seed, iterations }: AssessFlags): AssessmentPolicy {
  return {
    ...defaultAssessmentPolicy,
    ...(cpuRatio === undefined ? {} : { cpuRatio }),
    ...(targetHost === undefined ? {} : { targetHosts: targetHost }),
    cpuLimitPercent: cpuLimit,
    failoverHosts: failover,
    seed,
    iterations,
  }
}

const readRules = async (file: string): Promise<readonly UserRule[]> =>
  parseUserRules(await readDocument(file, { code: 'ESTATE_RULE_INVALID', bytesMax: 1 << 20 }))

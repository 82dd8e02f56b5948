import { type AssessmentPolicy, type AssessmentReport, assessEstate, defaultAssessmentPolicy } from '@weir/assessment'
import { WeirError } from '@weir/base'
import { type Estate, fromKubernetes, openEstateFiles, parseUserRules, type UserRule } from '@weir/estate'
import type { AssessFlags } from './commands.ts'
import { readDocument } from '../document/read-document.ts'
import { createPlanner } from './create-planner.ts'
import { reportText } from './report-text.ts'

/**
 * Reads the files and, if it is asked for, the cluster, judges the estate and prints the report to standard output.
 * @throws CLI_USAGE, ESTATE_*, PLAN_*; as `readCluster`
 */
export async function runAssess(files: readonly string[], flags: AssessFlags): Promise<void> {
  if (files.length === 0 && flags.cluster !== true)
    throw new WeirError('CLI_USAGE', 'name the files of an estate, or --cluster for the cluster that the kubeconfig names')
  if (flags.output === 'xlsx' && process.stdout.isTTY)
    throw new WeirError('CLI_USAGE', 'a workbook is no text for a terminal; send it to a file: -o xlsx > report.xlsx')
  const abort = new AbortController()
  process.once('SIGINT', () => abort.abort(new WeirError('CLI_CANCELLED', 'stopped before the assessment was done')))
  const rules = flags.rules === undefined ? [] : await readRules(flags.rules)
  const estate = await openEstateFiles(files, {
    signal: abort.signal,
    ...(flags.name === undefined ? {} : { name: flags.name }),
    estates: flags.cluster === true ? [await readClusterEstate(flags)] : [],
  })
  const report = await assessEstate(estate, {
    policy: policyOf(flags),
    rules,
    now: Date.now(),
    planner: createPlanner(abort.signal),
  })
  process.stdout.write(await shown(report, flags))
}

/** The estate that a cluster is; with `--namespace`, of machines and containers only those in it. */
async function readClusterEstate(flags: AssessFlags): Promise<Estate> {
  const [{ withSession }, { readCluster }] = await Promise.all([
    import('../cli/in-session.ts'),
    import('../cluster/read-cluster.ts'),
  ])
  const { namespace } = flags
  const { objects, source } = await withSession(flags, (session) =>
    readCluster(session, { now: Date.now(), ...(namespace === undefined ? {} : { namespace }) }),
  )
  return fromKubernetes(objects, source)
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

import { type AppSource, defaultAssessmentPolicy, type Language, type TargetHost, waveProblem } from '@weir/assessment'
import { WeirError } from '@weir/base'
import { parseWaveProblem, planWaves, type WaveProblem } from '@weir/planner'
import { readDocument } from '../../document/read-document.ts'
import { wavesText } from './waves-text.ts'

/** The flags of `plan waves`, as commander gives them. */
export interface WaveFlags {
  readonly problem?: string
  readonly estate?: readonly string[]
  readonly output: 'table' | 'json' | 'html'
  readonly lang: Language
  readonly draft?: boolean
  /** Milliseconds since the epoch. */
  readonly start?: number
  readonly appFrom: AppSource
  readonly windows: number
  readonly everyHours: number
  readonly windowHours: number
  readonly transfer: number
  readonly cutOvers: number
  readonly targetHost?: readonly TargetHost[]
  readonly targetCount?: number
  readonly reuseHosts?: boolean
  readonly failover: number
  readonly cpuRatio: number
  readonly pilots: number
}

const problemBytesMax = 512 * 2 ** 20

/**
 * Plans in which window each application migrates, and prints the waves, their Gantt data or a page; or only the problem that is
 * made of an estate. Ends with 1 if something has no wave.
 * @throws CLI_USAGE, PLAN_PROBLEM_INVALID, ESTATE_*
 */
export async function runWaves(flags: WaveFlags): Promise<void> {
  const problem = await openProblem(flags)
  if (flags.draft === true) {
    process.stdout.write(`${JSON.stringify(problem, undefined, 2)}\n`)
    return
  }
  const plan = planWaves(problem)
  const { start: startMillis, lang: language, output } = flags
  switch (output) {
    case 'json':
      process.stdout.write(`${JSON.stringify(plan, undefined, 2)}\n`)
      break
    case 'html':
      process.stdout.write((await import('./html/waves-html.ts')).wavesHtml({ problem, plan, startMillis, language }))
      break
    case 'table':
      process.stdout.write(wavesText({ problem, plan, startMillis }))
  }
  if (plan.unplanned.length > 0) process.exitCode = 1
}

async function openProblem(flags: WaveFlags): Promise<WaveProblem> {
  const { problem, estate } = flags
  if ((problem === undefined) === (estate === undefined))
    throw new WeirError(
      'CLI_USAGE',
      'name what to plan: --problem FILE with a WaveProblem, or --estate FILE... to make one of an estate',
    )
  if (problem !== undefined)
    return parseWaveProblem(await readDocument(problem, { code: 'PLAN_PROBLEM_INVALID', bytesMax: problemBytesMax }))
  return await fromEstate(estate ?? [], flags)
}

/** A problem of an estate by the assumptions of the flags, held to the rules of a document. */
async function fromEstate(files: readonly string[], flags: WaveFlags): Promise<WaveProblem> {
  const [host, ...others] = flags.targetHost ?? []
  if (host === undefined || others.length > 0)
    throw new WeirError('CLI_USAGE', 'name the host that machines go to, one: --target-host NAME=CORES,GHZ,GIB')
  if (flags.windowHours > flags.everyHours)
    throw new WeirError('CLI_USAGE', '--window-hours must not be more than --every-hours: windows do not overlap')
  const { openEstateFiles } = await import('@weir/estate')
  const estate = await openEstateFiles(files)
  const { targetCount: count } = flags
  const made = waveProblem(estate, {
    appFrom: flags.appFrom,
    windows: { count: flags.windows, everySeconds: flags.everyHours * 3600, lengthSeconds: flags.windowHours * 3600 },
    transferMebibytesPerSecond: flags.transfer,
    cutOvers: flags.cutOvers,
    target: {
      host,
      failoverHosts: flags.failover,
      reuseHosts: flags.reuseHosts === true,
      ...(count === undefined ? {} : { count }),
    },
    cpuRatio: flags.cpuRatio,
    reserveShare: defaultAssessmentPolicy.reserveShare,
    pilotWaves: flags.pilots,
  })
  return parseWaveProblem(made)
}

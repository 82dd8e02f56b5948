import {
  type Fields,
  fieldOf,
  type JsonObject,
  parseChoice,
  parseList,
  parseName,
  parseObject,
  parseWhole,
  present,
  refuseDuplicates,
  refuseUnknown,
} from '../parse/fields.ts'
import { parseDocument } from '../parse/parse-document.ts'
import { parseAmounts } from '../parse/parse-hosts.ts'
import { plannerVersion } from '../problem.ts'
import type { AppDependency, TimeSpan, WaveLimits, WavePolicy, WaveProblem, WaveTarget, WaveWorkload } from './wave-documents.ts'

const problemFields = ['apiVersion', 'kind', 'workloads', 'dependencies', 'windows', 'freezes', 'limits', 'target', 'policy']

/** Ten years: what lies beyond is a slip of the pen. */
const mostSeconds = 315_576_000
/** An exbibyte, and as much of anything else. */
const mostMebibytes = 1e12

/**
 * `value`, from JSON or code, as a wave problem: every field is known, of its type and within its bounds, names are unique, what is
 * referred to is there, windows are in order and not all frozen. O(size of the document).
 * @throws PLAN_PROBLEM_INVALID with a cause for each wrong field, the first 100 of them.
 */
export const parseWaveProblem = (value: unknown): WaveProblem => parseDocument(value, 'wave problem', readProblem)

function readProblem(fields: Fields, object: JsonObject): WaveProblem {
  refuseUnknown(fields, object, { at: '', known: problemFields })
  parseChoice(fields, fieldOf(object, 'apiVersion') ?? null, { at: 'apiVersion', choices: [plannerVersion] })
  parseChoice(fields, fieldOf(object, 'kind') ?? null, { at: 'kind', choices: ['WaveProblem'] })
  const list = <T>(key: string, least: number, most: number, parse: (entry: unknown, at: string) => T | undefined) =>
    parseList(fields, { value: fieldOf(object, key), at: key, limits: { least, most } }, parse)
  const target = parseTarget(fields, fieldOf(object, 'target'))
  const resources = new Set(target.hosts.flatMap(({ usable }) => Object.keys(usable)))
  const workloads = list('workloads', 1, 200_000, (entry, at) => parseWaveWorkload(fields, { value: entry, at }, resources))
  refuseDuplicates(
    fields,
    workloads.map(({ name }) => name),
    'workloads',
  )
  const apps = new Set(workloads.map(({ app }) => app))
  const dependencies = list('dependencies', 0, 1_000_000, (entry, at) => parseDependency(fields, { value: entry, at }, apps))
  const windows = list('windows', 1, 5000, (entry, at) => parseSpan(fields, entry, at))
  const freezes = list('freezes', 0, 5000, (entry, at) => parseSpan(fields, entry, at))
  refuseDisorder(fields, windows, freezes)
  return present({
    apiVersion: plannerVersion,
    kind: 'WaveProblem' as const,
    workloads,
    dependencies,
    windows,
    freezes: freezes.length === 0 ? undefined : freezes,
    limits: parseLimits(fields, fieldOf(object, 'limits')),
    target,
    policy: parseWavePolicy(fields, fieldOf(object, 'policy')),
  })
}

function parseWaveWorkload(
  fields: Fields,
  { value, at }: { readonly value: unknown; readonly at: string },
  resources: ReadonlySet<string>,
): WaveWorkload | undefined {
  const object = parseObject(fields, value, at)
  if (object === undefined) return undefined
  const known = ['name', 'app', 'diskMebibytes', 'requests', 'sourceHost', 'writeMebibytesPerSecond']
  refuseUnknown(fields, object, { at, known })
  const name = (key: string) => parseName(fields, fieldOf(object, key), `${at}.${key}`) ?? ''
  const disk = fieldOf(object, 'diskMebibytes') ?? null
  const writes = fieldOf(object, 'writeMebibytesPerSecond')
  return present({
    name: name('name'),
    app: name('app'),
    diskMebibytes: parseWhole(fields, disk, { at: `${at}.diskMebibytes`, most: mostMebibytes }) ?? 0,
    requests: parseAmounts(fields, { value: fieldOf(object, 'requests') ?? {}, at: `${at}.requests` }, resources) ?? {},
    sourceHost: fieldOf(object, 'sourceHost') === undefined ? undefined : name('sourceHost'),
    writeMebibytesPerSecond:
      writes === undefined ? undefined : parseNumber(fields, writes, { at: `${at}.writeMebibytesPerSecond`, least: 0 }),
  })
}

function parseDependency(
  fields: Fields,
  { value, at }: { readonly value: unknown; readonly at: string },
  apps: ReadonlySet<string>,
): AppDependency | undefined {
  const object = parseObject(fields, value, at)
  if (object === undefined) return undefined
  refuseUnknown(fields, object, { at, known: ['from', 'to', 'type', 'weight'] })
  const app = (key: string): string => {
    const name = parseName(fields, fieldOf(object, key), `${at}.${key}`) ?? ''
    if (name !== '' && !apps.has(name)) fields.refuse(`${at}.${key}`, `must be the app of a workload, but there is no '${name}'`)
    return name
  }
  const [from, to] = [app('from'), app('to')]
  if (from !== '' && from === to) fields.refuse(`${at}.to`, `must be another app than \`from\`: '${to}' cannot depend on itself`)
  const weight = fieldOf(object, 'weight')
  return present({
    from,
    to,
    type:
      parseChoice(fields, fieldOf(object, 'type') ?? null, { at: `${at}.type`, choices: ['Together', 'Before', 'Near'] }) ??
      ('Near' as const),
    weight: weight === undefined ? undefined : parseNumber(fields, weight, { at: `${at}.weight`, least: 0 }),
  })
}

function parseSpan(fields: Fields, value: unknown, at: string): TimeSpan | undefined {
  const object = parseObject(fields, value, at)
  if (object === undefined) return undefined
  refuseUnknown(fields, object, { at, known: ['startSeconds', 'endSeconds'] })
  const seconds = (key: string) => parseWhole(fields, fieldOf(object, key) ?? null, { at: `${at}.${key}`, most: mostSeconds })
  const [startSeconds, endSeconds] = [seconds('startSeconds'), seconds('endSeconds')]
  if (startSeconds === undefined || endSeconds === undefined) return undefined
  if (endSeconds <= startSeconds)
    fields.refuse(`${at}.endSeconds`, `must be greater than \`startSeconds\`, which is ${startSeconds}`)
  return { startSeconds, endSeconds }
}

/** Windows come one after the other, and in one of them at least something may be cut over. */
function refuseDisorder(fields: Fields, windows: readonly TimeSpan[], freezes: readonly TimeSpan[]): void {
  windows.forEach(({ startSeconds }, index) => {
    const before = windows[index - 1]
    if (before !== undefined && startSeconds < before.endSeconds)
      fields.refuse(`windows[${index}].startSeconds`, `must be at least ${before.endSeconds}, where the window before ends`)
  })
  const isFrozen = (window: TimeSpan): boolean =>
    freezes.some(({ startSeconds, endSeconds }) => startSeconds < window.endSeconds && endSeconds > window.startSeconds)
  if (windows.length > 0 && windows.every(isFrozen))
    fields.refuse('windows', 'must have one that touches no freeze; now all of them do: add a window or shorten the freezes')
}

function parseLimits(fields: Fields, value: unknown): WaveLimits {
  const object = parseObject(fields, value, 'limits') ?? {}
  refuseUnknown(fields, object, { at: 'limits', known: ['transferMebibytesPerSecond', 'cutOvers'] })
  return {
    transferMebibytesPerSecond:
      parseNumber(fields, fieldOf(object, 'transferMebibytesPerSecond'), {
        at: 'limits.transferMebibytesPerSecond',
        least: 0.001,
      }) ?? 1,
    cutOvers: parseWhole(fields, fieldOf(object, 'cutOvers') ?? null, { at: 'limits.cutOvers', least: 1, most: 1_000_000 }) ?? 1,
  }
}

function parseTarget(fields: Fields, value: unknown): WaveTarget {
  const object = parseObject(fields, value, 'target') ?? {}
  refuseUnknown(fields, object, { at: 'target', known: ['hosts', 'reusedHosts', 'reuseAfterWaves', 'failoverHosts'] })
  const hosts = parseTargetHosts(fields, fieldOf(object, 'hosts'), 'target.hosts')
  const reusedHosts = parseTargetHosts(fields, fieldOf(object, 'reusedHosts') ?? [], 'target.reusedHosts')
  if (hosts.length === 0) fields.refuse('target.hosts', 'must list at least one host that is there')
  const names = new Set(hosts.map(({ name }) => name))
  reusedHosts.forEach(({ name }, index) => {
    if (names.has(name))
      fields.refuse(`target.reusedHosts[${index}].name`, `must not be one of \`target.hosts\`: '${name}' is there already`)
  })
  const whole = (key: string, most: number) => parseWhole(fields, fieldOf(object, key), { at: `target.${key}`, most })
  return present({
    hosts,
    reusedHosts: reusedHosts.length === 0 ? undefined : reusedHosts,
    reuseAfterWaves: whole('reuseAfterWaves', 5000),
    failoverHosts: whole('failoverHosts', 16),
  })
}

function parseTargetHosts(fields: Fields, value: unknown, at: string): WaveTarget['hosts'] {
  const hosts = parseList(fields, { value, at, limits: { most: 100_000 } }, (entry, entryAt) => {
    const object = parseObject(fields, entry, entryAt)
    if (object === undefined) return undefined
    refuseUnknown(fields, object, { at: entryAt, known: ['name', 'usable'] })
    const usable = parseObject(fields, fieldOf(object, 'usable'), `${entryAt}.usable`)
    return {
      name: parseName(fields, fieldOf(object, 'name'), `${entryAt}.name`) ?? '',
      usable: parseAmounts(fields, { value: usable, at: `${entryAt}.usable` }, new Set(Object.keys(usable ?? {}))) ?? {},
    }
  })
  refuseDuplicates(
    fields,
    hosts.map(({ name }) => name),
    at,
  )
  return hosts
}

function parseWavePolicy(fields: Fields, value: unknown): WavePolicy | undefined {
  if (value === undefined) return undefined
  const object = parseObject(fields, value, 'policy')
  if (object === undefined) return undefined
  const known = ['pilotWaves', 'pilotWorkloads', 'heavyWriteMebibytesPerSecond', 'seed', 'iterations']
  refuseUnknown(fields, object, { at: 'policy', known })
  const whole = (key: string, least: number, most: number) =>
    parseWhole(fields, fieldOf(object, key), { at: `policy.${key}`, least, most })
  const heavy = fieldOf(object, 'heavyWriteMebibytesPerSecond')
  return present({
    pilotWaves: whole('pilotWaves', 0, 5000),
    pilotWorkloads: whole('pilotWorkloads', 1, 1_000_000),
    heavyWriteMebibytesPerSecond:
      heavy === undefined ? undefined : parseNumber(fields, heavy, { at: 'policy.heavyWriteMebibytesPerSecond', least: 0 }),
    seed: whole('seed', 0, 0xffff_ffff),
    iterations: whole('iterations', 0, 100_000_000),
  })
}

/** A number, whole or not, of at least `least` and at most 10^12. */
function parseNumber(
  fields: Fields,
  value: unknown,
  { at, least }: { readonly at: string; readonly least: number },
): number | undefined {
  if (typeof value === 'number' && value >= least && value <= mostMebibytes) return value
  fields.refuse(at, `must be a number from ${least} to ${mostMebibytes}`)
  return undefined
}

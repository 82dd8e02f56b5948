import { type PlacementProblem, plannerVersion, type Policy, type ResourceDefinition, type Timeline } from '../problem.ts'
import { refuseDisagreements, withCounts } from './agreement.ts'
import {
  type Fields,
  fieldOf,
  type JsonObject,
  parseChoice,
  parseFlag,
  parseList,
  parseName,
  parseObject,
  parseWhole,
  present,
  refuseDuplicates,
  refuseUnknown,
} from './fields.ts'
import { parseDocument } from './parse-document.ts'
import { parseAmounts, parseHost, parseHostType } from './parse-hosts.ts'
import { parseRule } from './parse-rule.ts'
import { parseWorkload } from './parse-workload.ts'

const problemFields = [
  'apiVersion',
  'kind',
  'metadata',
  'resources',
  'timeline',
  'hostTypes',
  'hosts',
  'workloads',
  'rules',
  'policy',
]

/**
 * `value`, from JSON or code, as a placement problem: every field is known, of its type and within its bounds, names are unique, and
 * what is referred to is there. Host types that `hosts` lists have a `count`. Nothing of `value` but its own fields is looked at. O(size
 * of the document).
 * @throws PLAN_PROBLEM_INVALID with a cause for each wrong field, the first 100 of them.
 */
export const parseProblem = (value: unknown): PlacementProblem => parseDocument(value, 'placement problem', readProblem)

function readProblem(fields: Fields, object: JsonObject): PlacementProblem {
  refuseUnknown(fields, object, { at: '', known: problemFields })
  parseChoice(fields, fieldOf(object, 'apiVersion') ?? null, { at: 'apiVersion', choices: [plannerVersion] })
  parseChoice(fields, fieldOf(object, 'kind') ?? null, { at: 'kind', choices: ['PlacementProblem'] })
  const resources = parseList(
    fields,
    { value: fieldOf(object, 'resources'), at: 'resources', limits: { least: 1, most: 32 } },
    (entry, at) => parseResource(fields, entry, at),
  )
  const resourceNames = new Set(resources.map(({ name }) => name))
  const timeline = parseTimeline(fields, fieldOf(object, 'timeline'))
  const list = <T>(
    key: string,
    limits: { readonly least?: number; readonly most: number },
    parse: (source: { value: unknown; at: string }) => T | undefined,
  ) => parseList(fields, { value: fieldOf(object, key), at: key, limits }, (entry, at) => parse({ value: entry, at }))
  const hostTypes = list('hostTypes', { least: 1, most: 100_000 }, (source) => parseHostType(fields, source, resourceNames))
  const typeNames = new Set(hostTypes.map(({ name }) => name))
  const hosts = list('hosts', { most: 1_000_000 }, (source) => parseHost(fields, source, typeNames))
  const workloads = list('workloads', { most: 2_000_000 }, (source) =>
    parseWorkload(fields, source, { resources: resourceNames, points: timeline?.count }),
  )
  if (fieldOf(object, 'workloads') === undefined) fields.refuse('workloads', 'must be given, if only as []')
  const context = {
    apps: new Set(workloads.map(({ app, name }) => app ?? name)),
    names: new Set(workloads.map(({ name }) => name)),
  }
  const rules = list('rules', { most: 1_000_000 }, (source) => parseRule(fields, source, context))
  for (const [at, named] of Object.entries({ resources, hostTypes, hosts, workloads, rules }))
    refuseDuplicates(
      fields,
      named.map(({ name }) => name),
      at,
    )
  const has = (key: string) => fieldOf(object, key) !== undefined
  const problem: PlacementProblem = present({
    apiVersion: plannerVersion,
    kind: 'PlacementProblem' as const,
    metadata: parseMetadata(fields, fieldOf(object, 'metadata')),
    resources,
    timeline,
    hostTypes: withCounts(hostTypes, hosts),
    hosts: has('hosts') ? hosts : undefined,
    workloads,
    rules: has('rules') ? rules : undefined,
    policy: parsePolicy(fields, fieldOf(object, 'policy'), resourceNames),
  })
  refuseDisagreements(fields, problem)
  return problem
}

function parseMetadata(fields: Fields, value: unknown): { readonly name?: string } | undefined {
  if (value === undefined) return undefined
  const object = parseObject(fields, value, 'metadata')
  if (object === undefined) return undefined
  refuseUnknown(fields, object, { at: 'metadata', known: ['name'] })
  return fieldOf(object, 'name') === undefined ? {} : { name: parseName(fields, fieldOf(object, 'name'), 'metadata.name') ?? '' }
}

function parseResource(fields: Fields, value: unknown, at: string): ResourceDefinition | undefined {
  const object = parseObject(fields, value, at)
  if (object === undefined) return undefined
  refuseUnknown(fields, object, { at, known: ['name', 'unit', 'transient'] })
  return present({
    name: parseName(fields, fieldOf(object, 'name'), `${at}.name`) ?? '',
    unit: parseName(fields, fieldOf(object, 'unit'), `${at}.unit`) ?? '',
    transient: parseFlag(fields, fieldOf(object, 'transient'), `${at}.transient`),
  })
}

function parseTimeline(fields: Fields, value: unknown): Timeline | undefined {
  if (value === undefined) return undefined
  const object = parseObject(fields, value, 'timeline')
  if (object === undefined) return undefined
  refuseUnknown(fields, object, { at: 'timeline', known: ['count', 'stepSeconds', 'startTime'] })
  const startTime = fieldOf(object, 'startTime')
  if (
    startTime !== undefined &&
    !(typeof startTime === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/u.test(startTime))
  ) {
    fields.refuse('timeline.startTime', "must be a moment as of RFC 3339, such as '2026-01-31T00:00:00Z'")
  }
  return present({
    count: parseWhole(fields, fieldOf(object, 'count') ?? null, { at: 'timeline.count', least: 1, most: 20_000 }) ?? 1,
    stepSeconds:
      parseWhole(fields, fieldOf(object, 'stepSeconds') ?? null, { at: 'timeline.stepSeconds', least: 1, most: 31_622_400 }) ?? 1,
    startTime: typeof startTime === 'string' ? startTime : undefined,
  })
}

function parsePolicy(fields: Fields, value: unknown, resources: ReadonlySet<string>): Policy | undefined {
  if (value === undefined) return undefined
  const object = parseObject(fields, value, 'policy')
  if (object === undefined) return undefined
  refuseUnknown(fields, object, { at: 'policy', known: ['objective', 'usageLimitPercent', 'failover', 'seed', 'budget'] })
  const usageLimitPercent = parseAmounts(
    fields,
    { value: fieldOf(object, 'usageLimitPercent'), at: 'policy.usageLimitPercent' },
    resources,
  )
  for (const [key, percent] of Object.entries(usageLimitPercent ?? {})) {
    if (percent < 1 || percent > 100) fields.refuse(`policy.usageLimitPercent.${key}`, 'must be a whole number from 1 to 100')
  }
  return present({
    objective: parseChoice(fields, fieldOf(object, 'objective'), {
      at: 'policy.objective',
      choices: ['Hosts', 'Price', 'Watts'],
    }),
    usageLimitPercent,
    failover: parseFailover(fields, fieldOf(object, 'failover')),
    seed: parseWhole(fields, fieldOf(object, 'seed'), { at: 'policy.seed', most: 0xffff_ffff }),
    budget: parseBudget(fields, fieldOf(object, 'budget')),
  })
}

function parseFailover(fields: Fields, value: unknown): Policy['failover'] {
  if (value === undefined) return undefined
  const object = parseObject(fields, value, 'policy.failover')
  if (object === undefined) return undefined
  refuseUnknown(fields, object, { at: 'policy.failover', known: ['hosts', 'topologyKey', 'rules'] })
  const topologyKey = fieldOf(object, 'topologyKey')
  return present({
    hosts: parseWhole(fields, fieldOf(object, 'hosts'), { at: 'policy.failover.hosts', most: 16 }),
    topologyKey: topologyKey === undefined ? undefined : parseName(fields, topologyKey, 'policy.failover.topologyKey'),
    rules: parseChoice(fields, fieldOf(object, 'rules'), { at: 'policy.failover.rules', choices: ['Strict', 'Preferred'] }),
  })
}

function parseBudget(fields: Fields, value: unknown): Policy['budget'] {
  if (value === undefined) return undefined
  const object = parseObject(fields, value, 'policy.budget')
  if (object === undefined) return undefined
  refuseUnknown(fields, object, { at: 'policy.budget', known: ['iterations', 'seconds'] })
  return present({
    iterations: parseWhole(fields, fieldOf(object, 'iterations'), { at: 'policy.budget.iterations', most: 1e12 }),
    seconds: parseWhole(fields, fieldOf(object, 'seconds'), { at: 'policy.budget.seconds', most: 31_622_400 }),
  })
}

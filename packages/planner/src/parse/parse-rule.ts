import type { PlacementRule, WorkloadSet } from '../rules.ts'
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
  refuseUnknown,
} from './fields.ts'

/** Names that rules may refer to. */
export interface RuleContext {
  readonly apps: ReadonlySet<string>
  readonly names: ReadonlySet<string>
}

const ruleTypes = ['AntiAffinity', 'Affinity', 'MaxPerDomain', 'Interference', 'Spread', 'Dependency', 'ClosedHostSet'] as const
const baseFields = ['name', 'type', 'enforcement', 'weight']

/** A rule, or undefined with causes. */
export function parseRule(
  fields: Fields,
  { value, at }: { readonly value: unknown; readonly at: string },
  context: RuleContext,
): PlacementRule | undefined {
  const object = parseObject(fields, value, at)
  if (object === undefined) return undefined
  const type = parseChoice(fields, fieldOf(object, 'type') ?? null, { at: `${at}.type`, choices: ruleTypes })
  if (type === undefined) return undefined
  const read = createReader(fields, object, { at, context })
  const base = present({
    name: parseName(fields, fieldOf(object, 'name'), `${at}.name`) ?? '',
    enforcement: parseChoice(fields, fieldOf(object, 'enforcement'), {
      at: `${at}.enforcement`,
      choices: ['Required', 'Preferred'],
    }),
    weight: parseWhole(fields, fieldOf(object, 'weight'), { at: `${at}.weight`, most: 1_000_000_000 }),
  })
  switch (type) {
    case 'AntiAffinity':
    case 'Affinity':
      read.only('workloads', 'topologyKey')
      return { ...base, type, workloads: read.set('workloads'), topologyKey: read.name('topologyKey') }
    case 'MaxPerDomain':
      read.only('workloads', 'topologyKey', 'max')
      return { ...base, type, workloads: read.set('workloads'), topologyKey: read.name('topologyKey'), max: read.whole('max', 0) }
    case 'Interference':
      read.only('first', 'second', 'max')
      return { ...base, type, first: read.app('first'), second: read.app('second'), max: read.whole('max', 0) }
    case 'Spread':
      read.only('workloads', 'topologyKey', 'minDomains')
      return {
        ...base,
        type,
        workloads: read.set('workloads'),
        topologyKey: read.name('topologyKey'),
        minDomains: read.whole('minDomains', 1),
      }
    case 'Dependency':
      read.only('workloads', 'on', 'topologyKey')
      return { ...base, type, workloads: read.set('workloads'), on: read.set('on'), topologyKey: read.name('topologyKey') }
    case 'ClosedHostSet': {
      read.only('workloads', 'maxHosts')
      const maxHosts = parseWhole(fields, fieldOf(object, 'maxHosts'), { at: `${at}.maxHosts`, most: 10_000_000 })
      return { ...base, type, workloads: read.set('workloads'), ...(maxHosts === undefined ? {} : { maxHosts }) }
    }
  }
}

function createReader(
  fields: Fields,
  object: JsonObject,
  { at, context }: { readonly at: string; readonly context: RuleContext },
) {
  const name = (key: string) => parseName(fields, fieldOf(object, key), `${at}.${key}`) ?? ''
  return {
    only: (...keys: readonly string[]) => refuseUnknown(fields, object, { at, known: [...baseFields, ...keys] }),
    name,
    whole: (key: string, least: number) =>
      parseWhole(fields, fieldOf(object, key) ?? null, { at: `${at}.${key}`, least, most: 0x7fff_ffff }) ?? least,
    app: (key: string) => {
      const app = name(key)
      if (app !== '' && !context.apps.has(app))
        fields.refuse(`${at}.${key}`, `must be the app of a workload, but there is no '${app}'`)
      return app
    },
    set: (key: string) => parseSet(fields, { value: fieldOf(object, key), at: `${at}.${key}` }, context),
  }
}

function parseSet(
  fields: Fields,
  { value, at }: { readonly value: unknown; readonly at: string },
  context: RuleContext,
): WorkloadSet {
  const object = parseObject(fields, value, at)
  if (object === undefined) return {}
  refuseUnknown(fields, object, { at, known: ['apps', 'names'] })
  const list = (key: 'apps' | 'names') =>
    parseList(fields, { value: fieldOf(object, key), at: `${at}.${key}`, limits: { most: 1_000_000 } }, (entry, entryAt) => {
      const name = parseName(fields, entry, entryAt)
      if (name !== undefined && !context[key].has(name)) {
        fields.refuse(entryAt, `must be ${key === 'apps' ? 'the app' : 'the name'} of a workload, but there is no '${name}'`)
      }
      return name
    })
  const apps = list('apps')
  const names = list('names')
  if (apps.length + names.length === 0) fields.refuse(at, 'must name at least one workload in `apps` or `names`')
  return { ...(apps.length === 0 ? {} : { apps }), ...(names.length === 0 ? {} : { names }) }
}

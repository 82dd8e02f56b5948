import { WeirError } from '@weir/base'
import { Environment } from '@marcbachmann/cel-js'
import type { EstateMachine } from '../model/machine.ts'
import type { CheckContext, Severity, UserCheck } from './concern.ts'

/** A check of the user's own, ready to run. */
export interface UserRule {
  readonly check: UserCheck
  readonly source: string
}

const severities: readonly Severity[] = ['Critical', 'Warning', 'Information']
const idPattern = /^[a-z0-9][a-z0-9._-]{0,62}$/u
const fields = ['id', 'severity', 'when', 'message', 'remedy', 'effortHours']

/**
 * Reads rules: a list of `{id, severity, when, message, remedy?, effortHours?}`, where `when` is a CEL expression over `machine`,
 * `cluster` and `host` as of an estate document (absent fields: `has(machine.guest.hostName)`). Every wrong rule is named.
 * @throws ESTATE_RULE_INVALID
 */
export function parseUserRules(value: unknown): readonly UserRule[] {
  if (!Array.isArray(value)) throw invalid([{ field: 'rules', message: 'must be a list' }])
  const causes: { readonly field: string; readonly message: string }[] = []
  const rules = value.map((entry: unknown, index) =>
    parseRule(entry, (name, message) => causes.push({ field: `rules[${index}]${name}`, message })),
  )
  if (causes.length > 0) throw invalid(causes)
  return rules.filter((rule) => rule !== undefined)
}

type Report = (field: string, message: string) => void

function parseRule(value: unknown, report: Report): UserRule | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report('', 'must be an object')
    return undefined
  }
  const entry = new Map(Object.entries(value))
  for (const key of entry.keys()) if (!fields.includes(key)) report(`.${key}`, `is unknown; a rule has ${fields.join(', ')}`)
  const text = (name: string, most: number): string => {
    const found: unknown = entry.get(name)
    if (typeof found === 'string' && found.length > 0 && found.length <= most) return found
    report(`.${name}`, `must be a text of 1 to ${most} characters`)
    return ''
  }
  const [id, when, message] = [text('id', 63), text('when', 4096), text('message', 500)]
  if (id !== '' && !idPattern.test(id)) report('.id', "must be lower-case letters, digits, '.', '-' and '_'")
  const severity = severities.find((each) => each === entry.get('severity'))
  if (severity === undefined) report('.severity', `must be one of ${severities.join(', ')}`)
  const effortHours: unknown = entry.get('effortHours') ?? 0
  if (typeof effortHours !== 'number' || !(effortHours >= 0 && effortHours <= 1000))
    report('.effortHours', 'must be a number from 0 to 1000')
  const remedy = entry.has('remedy') ? text('remedy', 500) : ''
  const find = when === '' ? undefined : compile(when, { message, report })
  if (severity === undefined || find === undefined || typeof effortHours !== 'number') return undefined
  return { source: when, check: { id: `user.${id}`, severity, effortHours, remedy, find } }
}

const environment = new Environment({ unlistedVariablesAreDyn: false, enableOptionalTypes: true })
  .registerVariable('machine', 'map')
  .registerVariable('cluster', 'map')
  .registerVariable('host', 'map')

/** Rules that fail for a machine (a field that it lacks) do not hold for it. */
function compile(
  when: string,
  { message, report }: { readonly message: string; readonly report: Report },
): UserCheck['find'] | undefined {
  try {
    const expression = environment.parse(when)
    const checked = expression.check()
    if (!checked.valid) throw checked.error ?? new Error('it does not type-check')
    return (machine, context) => (holds(expression, machine, context) ? message : undefined)
  } catch (error) {
    report('.when', `is no CEL expression over machine, cluster and host: ${firstLine(error)}`)
    return undefined
  }
}

function holds(expression: (variables: object) => unknown, machine: EstateMachine, context: CheckContext): boolean {
  try {
    const cluster = context.clusterById.get(machine.clusterId ?? '') ?? {}
    const host = context.hostById.get(machine.hostId ?? '') ?? {}
    return expression({ machine, cluster, host }) === true
  } catch {
    return false
  }
}

const firstLine = (error: unknown): string => String(error instanceof Error ? error.message : error).split('\n')[0] ?? ''

const invalid = (causes: readonly { readonly field: string; readonly message: string }[]): WeirError =>
  new WeirError('ESTATE_RULE_INVALID', causes.map(({ field, message }) => `\`${field}\` ${message}`).join('; '), { causes })

import type { KindDefinition, KubernetesObject } from '@weir/api'
import { badRequest } from './failure.ts'

/** True for the objects that are wanted. */
export type Selector = (object: KubernetesObject) => boolean

const setBased = /^(\S+)\s+(in|notin)\s+\(([^()]*)\)$/u
const equality = /^([^\s!=,]+)\s*(==|=|!=)\s*([^\s!=,()]*)$/u
const existence = /^(!?)\s*([^\s!=,()]+)$/u

/** Splits at commas outside parentheses. */
const requirementsOf = (text: string): readonly string[] => text.match(/(?:[^,(]|\([^)]*\))+/gu)?.map((part) => part.trim()) ?? []

type LabelTest = (labels: Readonly<Record<string, string>>) => boolean

function labelTest(text: string): LabelTest {
  const has = (labels: Readonly<Record<string, string>>, key: string): boolean => Object.hasOwn(labels, key)
  const set = setBased.exec(text)
  if (set !== null) {
    const [, key = '', operator, list = ''] = set
    const values = new Set(list.split(',').map((value) => value.trim()))
    return operator === 'in'
      ? (labels) => has(labels, key) && values.has(labels[key] ?? '')
      : (labels) => !has(labels, key) || !values.has(labels[key] ?? '')
  }
  const equal = equality.exec(text)
  if (equal !== null) {
    const [, key = '', operator, value] = equal
    return operator === '!='
      ? (labels) => !has(labels, key) || labels[key] !== value
      : (labels) => has(labels, key) && labels[key] === value
  }
  const exists = existence.exec(text)
  if (exists === null) throw badRequest(`unable to parse requirement: found '${text.slice(0, 128)}'`)
  const [, negated, key = ''] = exists
  return (labels) => has(labels, key) !== (negated === '!')
}

/** Reads a label selector (`app=web,tier notin (db, cache),!old`); undefined if it selects everything. */
export function parseLabelSelector(text: string | null): Selector | undefined {
  if (text === null || text.trim() === '') return undefined
  const tests = requirementsOf(text).map(labelTest)
  return ({ metadata }) => tests.every((test) => test(metadata.labels ?? {}))
}

const fieldsByKind: Readonly<Record<string, readonly string[]>> = {
  '/Event': [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  '/Secret': ['type'],
  '/Namespace': ['status.phase'],
  '/Node': ['spec.unschedulable'],
}

function fieldAt(object: KubernetesObject, field: string): string {
  const path = field === 'source' ? 'source.component' : field
  let value: unknown = object
  for (const part of path.split('.')) {
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? (value as Record<string, unknown>)[part]
        : undefined
  }
  return value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)
}

/** Reads a field selector (`metadata.name=x,type!=Normal`). @throws 400 for a field that the kind does not offer. */
export function parseFieldSelector(text: string | null, kind: KindDefinition): Selector | undefined {
  if (text === null || text.trim() === '') return undefined
  const known = new Set(['metadata.name', 'metadata.namespace', ...(fieldsByKind[`${kind.group}/${kind.kind}`] ?? [])])
  const tests = requirementsOf(text).map((part) => {
    const match = /^([^=!]+?)\s*(==|=|!=)\s*(.*)$/u.exec(part)
    if (match === null) throw badRequest(`invalid field selector: ${part.slice(0, 128)}`)
    const [, field = '', operator, value = ''] = match
    if (!known.has(field)) throw badRequest(`field label not supported: ${field}`)
    return (object: KubernetesObject): boolean => (fieldAt(object, field) === value) === (operator !== '!=')
  })
  return (object) => tests.every((test) => test(object))
}

import type { KindDefinition, KubernetesObject } from '@weir/api'
import { selectableFieldsOf } from '../crd/crd.ts'
import { badRequest } from '../failure.ts'
import type { Selector } from './selector.ts'

/** The fields that kinds offer beside name and namespace, each with the text of an object that lacks it. */
const fieldsByKind: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/Event': {
    'involvedObject.kind': '',
    'involvedObject.namespace': '',
    'involvedObject.name': '',
    'involvedObject.uid': '',
    'involvedObject.apiVersion': '',
    'involvedObject.resourceVersion': '',
    'involvedObject.fieldPath': '',
    reason: '',
    reportingComponent: '',
    source: '',
    type: '',
  },
  '/Secret': { type: '' },
  '/Namespace': { 'status.phase': '' },
  '/Node': { 'spec.unschedulable': 'false' },
}

const term = /^((?:[^=!\\]|\\.)*?)(!=|==|=)(.*)$/su

/**
 * Reads a field selector, as Kubernetes' `fields.ParseSelector` does: `metadata.name=x,type!=Normal`, with `\` before a comma,
 * an equals sign or itself in a value; undefined if it selects everything.
 * @throws 400 for what cannot be read, and for a field that the kind does not offer.
 */
export function parseFieldSelector(text: string | null, kind: KindDefinition): Selector | undefined {
  if (text === null || text.trim() === '') return undefined
  const fields: ReadonlyMap<string, string> = new Map([
    ['metadata.name', ''],
    ['metadata.namespace', ''],
    ...Object.entries(fieldsByKind[`${kind.group}/${kind.kind}`] ?? {}),
    ...selectableFieldsOf(kind).map((field) => [field, ''] as const),
  ])
  const tests = partsOf(text).map((part) => {
    const [, name = '', operator, escaped = ''] = term.exec(part) ?? refuse(part)
    const field = name.trim()
    const absent = fields.get(field)
    if (absent === undefined) throw badRequest(`field label not supported: ${field.slice(0, 128)}`)
    const value = unescaped(escaped)
    return (object: KubernetesObject): boolean => ((textAt(object, field) ?? absent) === value) === (operator !== '!=')
  })
  return (object) => tests.every((test) => test(object))
}

const refuse = (part: string): never => {
  throw badRequest(`invalid field selector: ${part.slice(0, 128)}`)
}

/** Split at commas without a backslash before them; empty parts say nothing. */
const partsOf = (text: string): readonly string[] =>
  (text.match(/(?:[^,\\]|\\.|\\$)+/gsu) ?? []).filter((part) => part.trim() !== '')

function unescaped(text: string): string {
  if (/\\(?![\\,=])/u.test(text.replaceAll('\\\\', ''))) refuse(text)
  return text.replaceAll(/\\(.)/gsu, '$1')
}

/** The text of a field, undefined if the object lacks it. */
function textAt(object: KubernetesObject, field: string): string | undefined {
  const path = field === 'source' ? 'source.component' : field
  let value: unknown = object
  for (const part of path.split('.')) {
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? (value as Record<string, unknown>)[part]
        : undefined
  }
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

import type { LabelSelector, SelectorRequirement } from '@weir/estate'
import type { Labels } from '@weir/planner'

/** True if the labels are what the selector asks for (`metav1.LabelSelector`): an empty one takes everything, none at all nothing. */
export const isSelectedBy = (selector: LabelSelector | undefined, labels: Labels): boolean =>
  selector !== undefined &&
  Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
  (selector.matchExpressions ?? []).every((requirement) => meets(labels, requirement))

/** True if the labels meet a requirement of a selector of objects or of nodes. An operator that is not known is never met. */
export function meets(labels: Labels, { key = '', operator, values = [] }: SelectorRequirement): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return isInteger(value) && Number(value) > Number(values[0])
    case 'Lt':
      return isInteger(value) && Number(value) < Number(values[0])
    default:
      return false
  }
}

const isInteger = (text: string | undefined): boolean => /^-?\d{1,15}$/u.test(text ?? '')

/** A requirement in words: `zone in (a, b)`. */
export function requirementText({ key = '', operator = '', values = [] }: SelectorRequirement): string {
  const signs: Readonly<Record<string, string>> = { Gt: '>', Lt: '<', In: 'in', NotIn: 'not in' }
  if (operator === 'Exists') return key
  if (operator === 'DoesNotExist') return `no ${key}`
  const list = operator === 'Gt' || operator === 'Lt' ? values.join('') : `(${values.join(', ')})`
  return `${key} ${signs[operator] ?? operator} ${list}`
}

import type { Finding } from '../model/estate.ts'
import { bracesOf, fillTemplate } from '../sentences/template.ts'
import { findingOfMore } from './finding.ts'
import { englishFindings, type FindingId } from './texts/english.ts'

const findingIds = Object.keys(englishFindings) as readonly FindingId[]

/** A finding of each kind, the value of `{name}` being `name-1`; and one that stands for three more. */
export const everyFinding: readonly Finding[] = findingIds.flatMap((id, index) => {
  const { message, remedy } = englishFindings[id]
  const values = Object.fromEntries(bracesOf(message).map((name) => [name, `${name}-1`]))
  const made: Finding = {
    kind: 'Missing',
    object: `machine/vm-${index}`,
    id,
    values,
    message: fillTemplate(message, values, 'en'),
    remedy,
  }
  return index === 0 ? [made, findingOfMore(made, 'machine/*', 3)] : [made]
})

import type { Conflict, ConflictLimit } from '../plan.ts'
import type { Core } from './minimise.ts'
import type { ConflictModel } from './model.ts'
import { type Element, indexesOf, traits } from './part.ts'

/** Names in a sentence before it says how many more there are. */
const mostNamed = 5

/** A core by names, with a sentence. */
export function describeCore({ problem }: ConflictModel, { part, isMinimal }: Core): Conflict {
  const nameOf = (index: number): string => problem.workloads[index]?.name ?? ''
  const inOrder = (kind: Element['kind']): readonly number[] => indexesOf(part, kind).toSorted((a, b) => a - b)
  const rules = inOrder('Rule').map((index) => problem.rules?.[index]?.name ?? '')
  const limits: readonly ConflictLimit[] = [
    ...inOrder('Resource').map((index) => ({ constraint: problem.resources[index]?.name ?? '' })),
    ...traits.flatMap((constraint) => inOrder(constraint).map((index) => ({ constraint, workload: nameOf(index) }))),
  ]
  const names = inOrder('Workload').map(nameOf)
  return { rules, workloads: names, limits, isMinimal, message: messageFor({ rules, workloads: names, limits, isMinimal }) }
}

function messageFor({ rules, workloads, limits, isMinimal }: Omit<Conflict, 'message'>): string {
  const under = rules.length === 0 ? '' : ` under ${rules.length === 1 ? 'the rule' : 'the rules'} ${listed(rules)}`
  const texts = limits.map(({ constraint, workload }) => (workload === undefined ? constraint : `${constraint} of ${workload}`))
  const within = texts.length === 0 ? '' : `, given ${listed(texts)}`
  const who =
    workloads.length === 1
      ? `${listed(workloads)} cannot be placed on any host`
      : `${listed(workloads)} cannot all be placed on the hosts`
  // A workload that nothing but its own size keeps off has no others.
  const isAlone = workloads.length === 1 && rules.length === 0 && limits.length < 2
  if (isMinimal && isAlone) return `${who}${within}.`
  const rest = isMinimal ? 'Without any one of these the others could be.' : 'Not all of these may be needed for that.'
  return `${who}${under}${within}. ${rest}`
}

function listed(names: readonly string[]): string {
  const named = names.slice(0, mostNamed)
  const more = names.length - named.length
  if (more > 0) return `${named.join(', ')} and ${more} more`
  return named.length < 2 ? named.join() : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`
}

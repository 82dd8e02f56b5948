import type { Finding } from '../model/estate.ts'
import { findingOfMore } from './finding.ts'

/** Findings of one kind and field beyond this many are only counted: a broken column of a large estate is one thing to fix. */
const alikeMax = 50

/** Collects findings in the order in which they come up. */
export interface FindingLog {
  add(finding: Finding): void
  /** All of them; where many are alike, the first 50 and one that says how many more there are. */
  list(): readonly Finding[]
}

/** An empty log. */
export function createFindingLog(): FindingLog {
  const groups = new Map<string, { readonly kept: Finding[]; count: number }>()
  return {
    add: (finding) => {
      const key = `${finding.kind} ${finding.object.slice(0, finding.object.indexOf('/'))} ${finding.field ?? ''} ${finding.id ?? finding.message}`
      const group = groups.get(key) ?? { kept: [], count: 0 }
      groups.set(key, group)
      group.count++
      if (group.kept.length < alikeMax) group.kept.push(finding)
    },
    list: () =>
      [...groups.values()].flatMap(({ kept, count }) => {
        const [first] = kept
        if (first === undefined || count <= kept.length) return kept
        const object = `${first.object.slice(0, first.object.indexOf('/'))}/*`
        return [...kept, findingOfMore(first, object, count - kept.length)]
      }),
  }
}

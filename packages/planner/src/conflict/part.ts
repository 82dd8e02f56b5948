/** What a single workload asks of its host beside resources. */
export const traits = ['hostSelector', 'move.isMovable', 'devices', 'singleNumaNode'] as const

/** One of `traits`. */
export type Trait = (typeof traits)[number]

/**
 * One constraint of a problem: that a workload has a host, a required rule, that a resource is limited, or a trait of a workload. `index`
 * counts the problem's workloads, rules or resources.
 */
export interface Element {
  readonly kind: 'Workload' | 'Rule' | 'Resource' | Trait
  readonly index: number
}

/**
 * Some of a problem's constraints, without repeats. The hosts are always as the problem has them. Workloads of a rule that are not in
 * the part may be there or not, anywhere, and need nothing: they only help where a rule asks for company. So whoever can place a part
 * can place less of it.
 */
export type Part = readonly Element[]

/** Indexes of all elements of one kind, in order. */
export const indexesOf = (part: Part, kind: Element['kind']): readonly number[] =>
  part.flatMap((element) => (element.kind === kind ? element.index : []))

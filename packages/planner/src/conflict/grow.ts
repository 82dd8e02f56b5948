import { minimise, type Core, judge } from './minimise.ts'
import type { ConflictModel } from './model.ts'
import { type Part, traits } from './part.ts'
import { refute } from './refute.ts'
import { createScene } from './scene.ts'
import type { Steps } from './steps.ts'

/** Workloads that a part grows to at most. */
const mostTried = 64
/** A workload that has fewer hosts to choose from than this competes for them. */
const narrowHosts = 9

/** How `seed` cannot be placed together with few others, as far as that is found: parts grow around it until one cannot be placed. */
export function findCore(neighbours: Neighbours, seed: number, steps: Steps): Core | undefined {
  const { model } = neighbours
  const impossible = impossibleRule(model, seed, steps) ?? growUntilImpossible(neighbours, seed, steps)
  return impossible === undefined ? undefined : minimise(model, impossible, steps)
}

/** All constraints on `workloads`: their traits, the rules that they are members of, and all resources. */
export function partOf(model: ConflictModel, workloads: Iterable<number>): Part {
  const chosen = [...workloads]
  const rules = new Set(chosen.flatMap((workload) => model.rulesOf(workload)))
  return [
    ...chosen.map((index) => ({ kind: 'Workload', index }) as const),
    ...[...rules].toSorted((a, b) => a - b).map((index) => ({ kind: 'Rule', index }) as const),
    ...model.problem.resources.map((_, index) => ({ kind: 'Resource', index }) as const),
    ...chosen.flatMap((index) => traits.filter((trait) => hasTrait(model, index, trait)).map((kind) => ({ kind, index }))),
  ]
}

function hasTrait({ problem }: ConflictModel, workload: number, trait: (typeof traits)[number]): boolean {
  const { hostSelector, devices, singleNumaNode, move, currentHost } = problem.workloads[workload] ?? {}
  switch (trait) {
    case 'hostSelector':
      return hostSelector !== undefined
    case 'move.isMovable':
      return move?.isMovable === false && currentHost !== undefined
    case 'devices':
      return (devices ?? []).length > 0
    case 'singleNumaNode':
      return singleNumaNode === true
  }
}

/** All workloads of a rule of `seed`, where counting them is enough. */
function impossibleRule(model: ConflictModel, seed: number, steps: Steps): Part | undefined {
  for (const rule of model.rulesOf(seed)) {
    const { members = new Set<number>() } = model.scopes[rule] ?? {}
    if (!steps.take(members.size)) return undefined
    const part = refute(createScene(model, partOf(model, members)))
    if (part !== undefined) return part
  }
  return undefined
}

function growUntilImpossible(neighbours: Neighbours, seed: number, steps: Steps): Part | undefined {
  const chosen = new Set([seed])
  for (;;) {
    const part = partOf(neighbours.model, chosen)
    const { answer, core } = judge(neighbours.model, part, steps)
    if (answer === 'Impossible') return core
    if (answer === 'Unknown' || chosen.size >= mostTried) return undefined
    const next = neighbours.of(chosen).slice(0, Math.min(chosen.size, mostTried - chosen.size))
    if (next.length === 0) return undefined
    for (const workload of next) chosen.add(workload)
  }
}

/** Who may be in the way of whom. */
export interface Neighbours {
  readonly model: ConflictModel
  /** Workloads that share a rule with some of `chosen`, are in a closed set, or have little choice but their hosts; those with least first. */
  readonly of: (chosen: ReadonlySet<number>) => readonly number[]
}

/** The neighbours in a model; `unplaced` come before others. O(workloads * classes). */
export function createNeighbours(model: ConflictModel, unplaced: readonly number[]): Neighbours {
  const { workloads } = model.problem
  const waiting = new Set(unplaced)
  const scene = createScene(
    model,
    partOf(model, workloads.keys()).filter(({ kind }) => kind !== 'Rule'),
  )
  const hostCount = Float64Array.from(workloads, (_, workload) =>
    scene.classesOf(workload).reduce((sum, index) => sum + (model.classes[index]?.limit ?? 0), 0),
  )
  const narrow = [...workloads.keys()].filter((workload) => (hostCount[workload] ?? 0) < narrowHosts)
  return {
    model,
    of: (chosen) => {
      const classes = new Set([...chosen].flatMap((workload) => scene.classesOf(workload)))
      const sharing = [...chosen].flatMap((workload) =>
        model.rulesOf(workload).flatMap((rule) => {
          const { members, others } = model.scopes[rule] ?? {}
          return [...(members ?? []), ...(others ?? [])]
        }),
      )
      // A closed set takes hosts from everyone, whom its rule does not name.
      const closed = model.scopes.flatMap(({ rule, members }) => (rule.type === 'ClosedHostSet' ? [...members] : []))
      const competing = narrow.filter((workload) => scene.classesOf(workload).some((index) => classes.has(index)))
      const found = [...new Set([...sharing, ...closed, ...competing])].filter((workload) => !chosen.has(workload))
      const rank = (workload: number): number => (waiting.has(workload) ? 0 : 1)
      return found.toSorted((a, b) => rank(a) - rank(b) || (hostCount[a] ?? 0) - (hostCount[b] ?? 0) || a - b)
    },
  }
}

import type { ConflictModel } from './model.ts'
import { type Element, type Part, traits } from './part.ts'
import { refute } from './refute.ts'
import { createScene } from './scene.ts'
import type { Steps } from './steps.ts'
import { type Answer, tryScene } from './try-part.ts'

/** Steps that one question may take. */
const stepsPerQuestion = 20_000

/** Whether a part can be placed, and if not, a part of it that cannot either. */
export interface Verdict {
  readonly answer: Answer
  readonly core: Part
}

/** Judges a part by counting first and by trying then. */
export function judge(model: ConflictModel, part: Part, steps: Steps): Verdict {
  const workloadCount = part.filter(({ kind }) => kind === 'Workload').length
  if (!steps.take(workloadCount * (1 + (model.dimensions.length >> 4)))) return { answer: 'Unknown', core: part }
  const scene = createScene(model, part)
  const core = refute(scene)
  if (core !== undefined) return { answer: 'Impossible', core }
  const own = steps.share(stepsPerQuestion)
  const answer = tryScene(scene, own)
  steps.take(own.taken())
  return { answer, core: part }
}

/** A part that cannot be placed, and whether each element of it was proven to be needed for that. */
export interface Core {
  readonly part: Part
  readonly isMinimal: boolean
}

/**
 * Leaves out of `part`, which cannot be placed, what is not needed for that: workloads first, many at a time, then rules, resources and
 * traits. What is left is irreducible (a minimal unsatisfiable subset by deletion, Bakker et al. 1993) unless a question took too long.
 * Of workloads that are alike one is asked about. O(elements) questions.
 */
export function minimise(model: ConflictModel, part: Part, steps: Steps): Core {
  const state: Deletion = { model, steps, part, needed: new Set(), isMinimal: true }
  const workloads = part.filter(({ kind }) => kind === 'Workload')
  // Where two rounds drop nothing, most are needed, and asking about each is quicker.
  for (let size = workloads.length >> 1, idle = 0; size > 1 && idle < 2; size >>= 1) idle = dropChunks(state, size) ? 0 : idle + 1
  const rank: readonly Element['kind'][] = ['Workload', 'Rule', 'Resource', ...traits]
  for (const kind of rank) {
    for (const element of part.filter((each) => each.kind === kind).toReversed()) {
      if (state.part.includes(element)) dropOne(state, element)
    }
  }
  return { part: state.part, isMinimal: state.isMinimal }
}

interface Deletion {
  readonly model: ConflictModel
  readonly steps: Steps
  part: Part
  /** Keys of elements without which the rest could be placed. */
  readonly needed: Set<string>
  isMinimal: boolean
}

/** Drops runs of `size` workloads that are not needed together; false if there is none. */
function dropChunks(state: Deletion, size: number): boolean {
  const before = state.part
  const workloads = state.part.flatMap(({ kind, index }) => (kind === 'Workload' ? index : []))
  for (let start = 0; start < workloads.length; start += size) {
    const chunk = new Set(workloads.slice(start, start + size))
    const rest = without(state.part, chunk)
    if (rest.length === state.part.length) continue
    const { answer, core } = judge(state.model, rest, state.steps)
    if (answer === 'Impossible') state.part = core
  }
  return state.part !== before
}

const without = (part: Part, workloads: ReadonlySet<number>): Part =>
  part.filter(({ kind, index }) => kind === 'Rule' || kind === 'Resource' || !workloads.has(index))

function dropOne(state: Deletion, element: Element): void {
  const key = keyOf(state, element)
  if (state.needed.has(key)) return
  const rest =
    element.kind === 'Workload' ? without(state.part, new Set([element.index])) : state.part.filter((other) => other !== element)
  const { answer, core } = judge(state.model, rest, state.steps)
  if (answer === 'Impossible') state.part = core
  else {
    if (answer === 'Unknown') state.isMinimal = false
    state.needed.add(key)
  }
}

/** Equal for elements that could change places: those of workloads that are alike, traits that count included. */
function keyOf({ model, part }: Deletion, { kind, index }: Element): string {
  if (kind === 'Rule' || kind === 'Resource') return `${kind} ${index}`
  const counting = part.flatMap((other) =>
    traits.some((trait) => trait === other.kind) && other.index === index ? other.kind : [],
  )
  return `${kind} ${counting.join()} ${model.kindOf(index)}`
}

import type { Condition } from '@weir/api'

/** What a reconciler is asked to look at: a key, never an event. `namespace` is '' for cluster-scoped kinds. */
export interface Request {
  readonly namespace: string
  readonly name: string
}

/** When to look again: `Wait` for a watch to wake us, or `PollAfter` because nothing will. */
export type Next = { readonly kind: 'Wait' } | { readonly kind: 'PollAfter'; readonly seconds: number; readonly reason: string }

/** What a step observed and when to look again. */
export interface Outcome<S> {
  readonly conditions: readonly Condition[]
  /** Fields to set; undefined removes one. */
  readonly status?: { readonly [K in keyof S]?: S[K] | undefined }
  readonly next: Next
}

/** One concern of a reconciler; it owns its conditions. It tests its own precondition on observed state. */
export type Step<C, S> = (scope: C, signal: AbortSignal) => Promise<Outcome<S>>

/** What all steps observed together; `errors` are those thrown. */
export interface Run<S> extends Outcome<S> {
  readonly errors: readonly unknown[]
}

/** The sooner of two: a poll before a wait, the shorter poll before the longer. */
export function soonest(a: Next, b: Next): Next {
  if (a.kind === 'Wait') return b
  if (b.kind === 'Wait') return a
  return b.seconds < a.seconds ? b : a
}

/**
 * Runs every step, even after one fails; errors are collected, the soonest poll wins, later status fields win. Two steps that
 * tell the same condition are an error: the first one's counts. @throws the signal's reason once it aborts
 */
export async function runSteps<C, S>(steps: readonly Step<C, S>[], scope: C, signal: AbortSignal): Promise<Run<S>> {
  const conditions: Condition[] = []
  const errors: unknown[] = []
  let status: NonNullable<Outcome<S>['status']> = {}
  let next: Next = { kind: 'Wait' }
  for (const step of steps) {
    signal.throwIfAborted()
    try {
      const outcome = await step(scope, signal)
      const told = outcome.conditions.filter(({ type }) => conditions.every((other) => other.type !== type))
      if (told.length < outcome.conditions.length) errors.push(doubleOwner(outcome.conditions, told))
      conditions.push(...told)
      status = { ...status, ...outcome.status }
      next = soonest(next, outcome.next)
    } catch (error) {
      errors.push(error)
    }
  }
  return { conditions, status, next, errors }
}

function doubleOwner(all: readonly Condition[], told: readonly Condition[]): TypeError {
  const types = all.filter((condition) => !told.includes(condition)).map(({ type }) => `'${type}'`)
  return new TypeError(`The condition ${types.join(', ')} has two steps that own it; give each condition to one step`)
}

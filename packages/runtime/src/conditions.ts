import type { Condition } from '@weir/api'

/** The condition of `type`, undefined if it was never set (which means Unknown). */
export const getCondition = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined =>
  conditions?.find((condition) => condition.type === type)

/** True if the condition of `type` is there and True. */
export const isConditionTrue = (conditions: readonly Condition[] | undefined, type: string): boolean =>
  getCondition(conditions, type)?.status === 'True'

/**
 * `conditions` with those of `fresh` set, by type, in the order of their first appearance. `lastTransitionTime` becomes `now`
 * only where the status changes; `now` is RFC 3339.
 */
export function setConditions(
  conditions: readonly Condition[] | undefined,
  fresh: readonly Condition[],
  now: string,
): readonly Condition[] {
  const byType = new Map((conditions ?? []).map((condition) => [condition.type, condition]))
  for (const condition of fresh) byType.set(condition.type, transition(byType.get(condition.type), condition, now))
  return [...byType.values()]
}

function transition(before: Condition | undefined, after: Condition, now: string): Condition {
  const lastTransitionTime = before?.status === after.status ? before.lastTransitionTime : undefined
  return { ...after, lastTransitionTime: lastTransitionTime ?? now }
}

/** `millis` since the epoch as Kubernetes writes `metav1.Time`: RFC 3339 in seconds. */
export const formatTime = (millis: number): string => `${new Date(millis).toISOString().slice(0, 19)}Z`

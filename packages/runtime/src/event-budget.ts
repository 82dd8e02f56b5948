import type { Clock } from '@weir/base'

/** How many events of one object may still be written. */
export interface EventBudget {
  /** False: not now. */
  take(object: string): boolean
}

interface Account {
  readonly tokens: number
  readonly at: number
}

/** As the Kubernetes client libraries have it: a burst, then one in five minutes. */
const burst = 25
const refillMillis = 300_000
const maxObjects = 4096

/**
 * A budget for each object, so that one that flaps can not flood the store. O(1); what is known of the object that was told of
 * longest ago is forgotten first.
 */
export function createEventBudget(clock: Clock): EventBudget {
  const accounts = new Map<string, Account>()
  return {
    take(object) {
      const now = clock.now()
      const { tokens, at } = accounts.get(object) ?? { tokens: burst, at: now }
      const saved = Math.min(burst, tokens + Math.max(0, now - at) / refillMillis)
      const isAllowed = saved >= 1
      accounts.delete(object)
      accounts.set(object, { tokens: isAllowed ? saved - 1 : saved, at: now })
      const oldest = accounts.size > maxObjects ? accounts.keys().next().value : undefined
      if (oldest !== undefined) accounts.delete(oldest)
      return isAllowed
    },
  }
}

import { isWeirError } from '@weir/base'
import { findKind, type ObjectApi } from './object-api.ts'

const eventLifetimeMillis = 3_600_000

/** Deletes the Events that nothing was added to for an hour, as Kubernetes does by default. Returns how many. */
export async function sweepEvents(api: ObjectApi, nowMillis: number): Promise<number> {
  const kind = findKind(api, '', 'Event')
  if (kind === undefined) return 0
  const old = api.list(kind).filter((event) => nowMillis - lastSeenMillis(event) > eventLifetimeMillis)
  for (const event of old) {
    try {
      await api.delete(kind, event, 'Background')
    } catch (error) {
      if (!isWeirError(error, 'API_NOT_FOUND') && !isWeirError(error, 'API_CONFLICT')) throw error
    }
  }
  return old.length
}

interface EventTimes {
  readonly metadata: { readonly creationTimestamp?: string }
  readonly lastTimestamp?: string | null
  readonly eventTime?: string | null
  readonly series?: { readonly lastObservedTime?: string } | null
}

/** An Event that says no time is taken for new: it may be somebody's own. */
function lastSeenMillis({ metadata, lastTimestamp, eventTime, series }: EventTimes): number {
  const times = [series?.lastObservedTime, lastTimestamp, eventTime, metadata.creationTimestamp]
  const known = times.flatMap((time) => (typeof time === 'string' ? [Date.parse(time)] : [])).filter(Number.isFinite)
  return known.length === 0 ? Infinity : Math.max(...known)
}

import type { Clock } from '@weir/base'

/** The time as Kubernetes writes it into objects (RFC 3339, whole seconds, UTC). The text of a second is made once. */
export function createTimestamps(clock: Pick<Clock, 'now'>): () => string {
  let second = Number.NaN
  let text = ''
  return () => {
    const current = Math.floor(clock.now() / 1000)
    if (current !== second) {
      second = current
      text = `${new Date(current * 1000).toISOString().slice(0, 19)}Z`
    }
    return text
  }
}

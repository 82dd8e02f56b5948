import { systemClock } from '@weir/base'

/** Resolves after `millis`. @throws the reason of `signal` once that aborts */
export async function pause(millis: number, signal?: AbortSignal): Promise<void> {
  await systemClock.sleep(millis, signal)
  signal?.throwIfAborted()
}

import { expect } from 'vitest'

const pauseMillis = 20
const patienceMillis = 60_000

/**
 * Resolves once `look` gives `wanted`, looking again and again; a look that fails counts as another one in vain.
 * @throws the reason of `signal`, or after a minute what the last look gave, compared with `wanted`.
 */
export async function eventually<T>(look: () => Promise<T>, wanted: T, signal?: AbortSignal): Promise<void> {
  const end = performance.now() + patienceMillis
  for (;;) {
    signal?.throwIfAborted()
    const seen = await look().catch((error: unknown) => String(error))
    if (JSON.stringify(seen) === JSON.stringify(wanted)) return
    if (performance.now() > end) return expect(seen).toEqual(wanted)
    await new Promise((resolve) => {
      setTimeout(resolve, pauseMillis)
    })
  }
}

/**
 * Waits until `check` returns something other than undefined and false, trying again each time the event loop has gone round;
 * returns that value. What `check` throws counts as "not yet". It never gives up: the test's own time limit does.
 */
export async function eventually<T>(check: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await attempt(check)
    if (found !== undefined && found !== false) return found
    await settled()
  }
}

async function attempt<T>(check: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await check()
  } catch {
    return undefined
  }
}

/** Resolves when all is done that can be done without time passing or a byte from outside: to assert that nothing happens. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

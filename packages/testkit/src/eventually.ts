/**
 * Waits until `check` returns something other than undefined and false, trying again each time the event loop has gone round;
 * returns that value. What `check` throws counts as "not yet". It never gives up: the test's own time limit does.
 */
export async function eventually<T>(check: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await attempt(check)
    if (found !== undefined && found !== false) return found
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function attempt<T>(check: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await check()
  } catch {
    return undefined
  }
}

/** A bell for one who waits; a ring that nobody waited for is heard at once. */
export function createBell(): { readonly ring: () => void; readonly heard: () => Promise<void> } {
  let hasRung = false
  let wake: (() => void) | undefined
  return {
    ring: () => {
      hasRung = true
      wake?.()
    },
    heard: async () => {
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      hasRung = false
      wake = undefined
    },
  }
}

import type { Clock } from '@weir/base'
import type { Transport } from '@weir/client'

/**
 * How long a program of the test lives. What it was given through `carry…` is silent from `end` on, as after `kill -9`: nothing
 * that it calls begins, nothing that it waits for comes, and none of its own code runs any more.
 */
export interface Lifetime {
  carryTransport(transport: Transport): Transport
  carryClock(clock: Clock): Clock
  /** A call to the world outside. One that is under way at the end may still be carried out. */
  readonly carry: <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) => (...args: A) => Promise<R>
  end(): void
}

/** A lifetime that has just begun. */
export function createLifetime(): Lifetime {
  const ended = new AbortController()
  const lives = async (): Promise<void> => {
    if (ended.signal.aborted) await new Promise<never>(() => {})
  }
  const carry: Lifetime['carry'] =
    (call) =>
    async (...args) => {
      await lives()
      try {
        return await call(...args)
      } finally {
        await lives()
      }
    }
  async function* carryBody(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of body) {
        await lives()
        yield piece
      }
    } finally {
      await lives()
    }
  }
  return {
    carry,
    carryTransport: (transport) => ({
      request: carry(async (each) => {
        // The server notices the end: connections of a dead process are closed.
        const signal = each.signal === undefined ? ended.signal : AbortSignal.any([each.signal, ended.signal])
        const answer = await transport.request({ ...each, signal })
        return { ...answer, body: carryBody(answer.body) }
      }),
    }),
    carryClock: (clock) => ({ now: () => clock.now(), sleep: carry((millis, signal) => clock.sleep(millis, signal)) }),
    end: () => ended.abort(new Error('the test ended the program')),
  }
}

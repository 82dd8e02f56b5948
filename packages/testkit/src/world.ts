import { crdOf, type KindDefinition } from '@weir/api'
import type { Clock } from '@weir/base'
import { type Client, createClient, type Transport } from '@weir/client'
import { settled } from './eventually.ts'
import { createFaultyTransport, type Fault } from './faulty-transport.ts'
import { createLifetime, type Lifetime } from './lifetime.ts'
import { createSeededRandom } from './seeded-random.ts'
import { startTestApi, type TestApi } from './test-api.ts'
import { createTestClock, type TestClock } from './test-clock.ts'
import { createWatchGate, type WatchGate } from './watch-gate.ts'

/** What happens to one request of the program: a fault, or its process is killed before the request arrives, or after. */
export type Mishap = Fault | 'crash' | 'crashAfter'

/** One process of the program under test: all that it has of the world. */
export interface Process {
  readonly client: Client
  readonly clock: Clock
  readonly random: () => number
  /** Aborts at a graceful stop; a crash aborts nothing. */
  readonly signal: AbortSignal
  readonly carry: Lifetime['carry']
}

/** An API server with users, and one program that works on it and may be struck by anything. */
export interface World {
  readonly api: TestApi
  readonly clock: TestClock
  /** What the users write through: nothing ever happens to it. */
  readonly users: Client
  readonly gate: WatchGate
  /** Starts a process of the program; one that runs is killed first. */
  restart(): void
  /** What happens to the next requests of the program, its lists and watches too, in order; later ones pass. A killed process is started anew. */
  strike(mishaps: readonly Mishap[]): void
  /** How many requests of the program there were, of all its processes. */
  requests(): number
  /** What is under way still meets its mishaps; then nothing happens any more while `millis` pass. */
  calm(millis: number): Promise<void>
  /** Stops the program gracefully, and the server. */
  end(): Promise<void>
}

/** What a world is made of. `program` runs until its signal aborts; `kinds` are installed beside the product's. */
export interface WorldOptions {
  readonly program: (process: Process) => Promise<void>
  readonly kinds?: readonly KindDefinition[]
  readonly seed?: number
}

/** A world in which the program does not run yet; the server keeps house. All randomness follows from `seed`. */
export async function createWorld({ program, kinds = [], seed = 1 }: WorldOptions): Promise<World> {
  const clock = createTestClock()
  const random = createSeededRandom(seed)
  const api = await startTestApi({ clock, random })
  await api.server.install(kinds.map(crdOf))
  const over = new AbortController()
  const keepingHouse = api.server.housekeeping.run(over.signal)
  const gate = createWatchGate(api.transport)
  let mishaps: readonly Mishap[] = []
  let requestCount = 0
  let current: { readonly lifetime: Lifetime; readonly stop: AbortController; readonly ended: Promise<void> } | undefined

  const faulty = (lifetime: Lifetime): Transport =>
    createFaultyTransport(gate.transport, () => {
      const [mishap = 'pass', ...rest] = mishaps
      mishaps = rest
      requestCount++
      if (mishap !== 'crash' && mishap !== 'crashAfter') return mishap
      lifetime.end()
      queueMicrotask(restart)
      return mishap === 'crash' ? 'unreachable' : 'pass'
    })
  const restart = (): void => {
    current?.lifetime.end()
    const lifetime = createLifetime()
    const stop = new AbortController()
    const client = createClient(lifetime.carryTransport(faulty(lifetime)))
    const process = { client, clock: lifetime.carryClock(clock), random, signal: stop.signal, carry: lifetime.carry }
    current = { lifetime, stop, ended: program(process) }
  }
  return {
    api,
    clock,
    users: api.client,
    gate,
    restart,
    strike: (next) => {
      mishaps = next
    },
    requests: () => requestCount,
    calm: async (millis) => {
      await settled()
      mishaps = []
      gate.open()
      await clock.advance(millis)
    },
    end: async () => {
      current?.stop.abort(new Error('the test is over'))
      await current?.ended
      over.abort(new Error('the test is over'))
      await keepingHouse
      await api.close()
    },
  }
}

import { namespace } from '@weir/api'
import { type Census, takeCensus } from './census.ts'
import { eventually } from './eventually.ts'
import { killAt, type Moment } from './moments.ts'
import type { Scenario } from './scenarios.ts'
import type { Stage } from './stage.ts'
import { place } from './steps.ts'

/** What a scenario leaves undisturbed; then it is cleaned away, which must leave nothing. */
export const rehearse = (stage: Stage, scenario: Scenario): Promise<Census> =>
  tidily(stage, async () => {
    await scenario.prepare(stage)
    await scenario.act(stage)
    await scenario.done(stage)
    return settled(stage)
  })

/**
 * Plays a scenario, kills the data center at `moment`, starts it again, and expects in the end what `rehearse` found: the same
 * processes, files, ports and objects. False if the scenario was over before the moment came.
 */
export const playWithCrash = (
  stage: Stage,
  scenario: Scenario,
  { moment, outcome }: { readonly moment: Moment; readonly outcome: Census },
): Promise<boolean> =>
  tidily(stage, async () => {
    const { weir, server } = stage
    await scenario.prepare(stage)
    if (moment.kind === 'Seen') server.shut()
    const { killed, acknowledged, ended } = await interrupt(stage, scenario, moment)
    server.open()
    await ended
    await weir.up()
    if (!acknowledged()) await scenario.act(stage)
    await scenario.done(stage)
    await eventually(() => takeCensus(weir), outcome)
    return killed
  })

interface Interrupted {
  readonly killed: boolean
  /** Whether the operation was acknowledged before, once it has `ended`. */
  readonly acknowledged: () => boolean
  readonly ended: Promise<void>
}

async function interrupt(stage: Stage, scenario: Scenario, moment: Moment): Promise<Interrupted> {
  const interruption = new AbortController()
  const seen = { isOver: false, acknowledged: false }
  let ended: Promise<void> = Promise.resolve()
  const play = async (): Promise<void> => {
    await scenario.act(stage)
    seen.acknowledged = true
    await scenario.done({ ...stage, signal: interruption.signal })
  }
  const act = (): void => {
    ended = play()
      .catch(() => {})
      .finally(() => (seen.isOver = true))
  }
  const killed = await killAt(stage.weir, moment, { act, isOver: () => seen.isOver })
  interruption.abort()
  return { killed, acknowledged: () => seen.acknowledged, ended }
}

/** Cleans up after `play`, to the last trace; after a failure as well as it can, so that the next one has a clean stage. */
async function tidily<T>(stage: Stage, play: () => Promise<T>): Promise<T> {
  const before = await takeCensus(stage.weir)
  try {
    const result = await play()
    await cleanUp(stage, before)
    return result
  } catch (error) {
    await stage.weir.up().catch(() => {})
    await cleanUp(stage, before).catch(() => {})
    throw error
  }
}

/** The census once two in a row are the same. */
async function settled({ weir }: Stage): Promise<Census> {
  let last = await takeCensus(weir)
  await eventually(async () => {
    const before = last
    last = await takeCensus(weir)
    return JSON.stringify(last) === JSON.stringify(before)
  }, true)
  return last
}

/** Deletes the namespace of the scenarios; resolves when all is as it was. */
export async function cleanUp({ weir }: Stage, before: Census): Promise<void> {
  await weir
    .client()
    .delete(namespace, { name: place })
    .catch(() => {})
  await eventually(() => takeCensus(weir), before)
}

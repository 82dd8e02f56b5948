import { namespace } from '@weir/api'
import { type Census, takeCensus } from './census.ts'
import { eventually } from './eventually.ts'
import { killAt, type Moment } from './moments.ts'
import type { Scenario } from './scenarios.ts'
import type { Stage } from './stage.ts'
import { place } from './steps.ts'

/** What a scenario leaves undisturbed; then it is cleaned away, which must leave nothing. */
export async function rehearse(stage: Stage, scenario: Scenario): Promise<Census> {
  const before = await takeCensus(stage.weir)
  await scenario.prepare(stage)
  await scenario.act(stage)
  await scenario.done(stage)
  const after = await settled(stage)
  await cleanUp(stage, before)
  return after
}

/**
 * Plays a scenario, kills the data center at `moment`, starts it again, and expects in the end what `rehearse` found: the same
 * processes, files, ports and objects. False if the scenario was over before the moment came.
 */
export async function playWithCrash(
  stage: Stage,
  scenario: Scenario,
  { moment, outcome }: { moment: Moment; outcome: Census },
): Promise<boolean> {
  const { weir } = stage
  const before = await takeCensus(weir)
  await scenario.prepare(stage)
  const interruption = new AbortController()
  const seen = { isOver: false, acknowledged: false }
  let playing: Promise<void> = Promise.resolve()
  const play = async (): Promise<void> => {
    await scenario.act(stage)
    seen.acknowledged = true
    await scenario.done({ ...stage, signal: interruption.signal })
  }
  const act = (): void => {
    playing = play()
      .catch(() => {})
      .finally(() => (seen.isOver = true))
  }
  if (moment.kind === 'Seen') stage.server.shut()
  const killed = await killAt(weir, moment, { act, isOver: () => seen.isOver })
  interruption.abort()
  stage.server.open()
  await playing
  await weir.up()
  if (!seen.acknowledged) await scenario.act(stage)
  await scenario.done(stage)
  await eventually(() => takeCensus(weir), outcome)
  await cleanUp(stage, before)
  return killed
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

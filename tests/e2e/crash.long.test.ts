import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Census, takeCensus } from './data-center/census.ts'
import { playWithCrash, rehearse } from './data-center/crash.ts'
import { eventually } from './data-center/eventually.ts'
import { killAt, type Moment, nameOf } from './data-center/moments.ts'
import { scenarios } from './data-center/scenarios.ts'
import { setStage, type Stage, strike } from './data-center/stage.ts'
import { createWeirHome, type WeirHome } from './data-center/weir-home.ts'

/** A kill -9 of `weir up` after each change that an operation makes, and at random moments of it. */
const randomMoments = Number(process.env['WEIR_CRASH_RANDOM'] ?? 15)
const maxChanges = 200

/** A failure says at which moment. */
async function at<T>(moment: Moment, play: () => Promise<T>): Promise<T> {
  try {
    return await play()
  } catch (error) {
    throw new Error(`killed ${nameOf(moment)}: ${error instanceof Error ? error.message : ''}`, { cause: error })
  }
}

let stage: Stage
beforeAll(async () => {
  stage = await setStage()
})
afterAll(() => strike(stage))

describe.each(scenarios)('$does', { timeout: 600_000 }, (scenario) => {
  let outcome: Census
  let millis = 0
  beforeAll(async () => {
    outcome = await rehearse(stage, scenario)
    const begun = performance.now()
    await rehearse(stage, scenario)
    millis = performance.now() - begun
  })

  it('has the same outcome after each of its changes', async () => {
    let count = 0
    for (let isReached = true; isReached && count < maxChanges;) {
      const moment: Moment = { kind: 'AfterChanges', count: ++count }
      isReached = await at(moment, () => playWithCrash(stage, scenario, { moment, outcome }))
    }
    expect(count).toBeGreaterThan(3)
    expect(count).toBeLessThan(maxChanges)
  })

  it('has the same outcome at random moments', async () => {
    for (let round = 0; round < randomMoments; round++) {
      const moment: Moment = { kind: 'AfterMillis', millis: Math.random() * millis }
      await at(moment, () => playWithCrash(stage, scenario, { moment, outcome }))
    }
  })
})

describe('the first start', { timeout: 600_000 }, () => {
  const started = async (weir: WeirHome): Promise<Census> => {
    let last = await takeCensus(weir)
    await eventually(async () => {
      const before = last
      last = await takeCensus(weir)
      return JSON.stringify(before) === JSON.stringify(last)
    }, true)
    return last
  }

  it('has the same outcome after each of its changes', async () => {
    const reference = await createWeirHome()
    await reference.up()
    const outcome = await started(reference)
    await reference.remove()
    let count = 0
    for (let isReached = true; isReached && count < maxChanges;) {
      const moment: Moment = { kind: 'AfterChanges', count: ++count }
      const weir = await createWeirHome()
      try {
        let isOver = false
        let first: Promise<void> = Promise.resolve()
        const act = (): void => {
          first = weir
            .up()
            .catch(() => {})
            .finally(() => (isOver = true))
        }
        isReached = await killAt(weir, moment, { act, isOver: () => isOver })
        await first
        await at(moment, async () => {
          await weir.up()
          expect(await started(weir)).toEqual(outcome)
        })
      } finally {
        await weir.remove()
      }
    }
    expect(count).toBeGreaterThan(5)
  })
})

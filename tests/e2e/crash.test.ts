import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Census } from './data-center/census.ts'
import { playWithCrash, rehearse } from './data-center/crash.ts'
import { nameOf } from './data-center/moments.ts'
import { scenarios } from './data-center/scenarios.ts'
import { setStage, type Stage, strike } from './data-center/stage.ts'

/** A kill -9 of `weir up` at the moments that matter; crash.long.test.ts has all the others. */
let stage: Stage
beforeAll(async () => {
  stage = await setStage()
})
afterAll(() => strike(stage))

describe.each(scenarios)('$does', { timeout: 120_000 }, (scenario) => {
  let outcome: Census

  it('leaves what it should and is cleaned away without a trace', async () => {
    outcome = await rehearse(stage, scenario)
  })

  it.each(scenario.moments.map((moment) => [nameOf(moment), moment] as const))(
    'has the same outcome if weir is killed %s',
    async (_, moment) => {
      expect(await playWithCrash(stage, scenario, { moment, outcome })).toBe(true)
    },
  )
})

import { importingAnnotation, virtualMachine } from '@weir/api'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { processesOf } from './data-center/processes.ts'
import { aMachine } from './data-center/objects.ts'
import { setStage, type Stage, strike } from './data-center/stage.ts'
import { create, makePlace, place, runMachine, state } from './data-center/steps.ts'

/** What is worth waiting for, once. */
let stage: Stage
beforeEach(async () => {
  stage = await setStage()
})
afterEach(() => strike(stage))

it(
  'switches a guest off that does not hear weir down for a minute, and starts it again without delay',
  { timeout: 150_000 },
  async () => {
    const { weir } = stage
    await runMachine(stage, { disk: 'deaf' })
    const down = await weir.weir('down')
    expect(down).toMatchObject({
      code: 0,
      out: 'The data center is down.\n',
      err: 'Powering off 1 guest; after 60 s those that do not listen are switched off ...\n',
    })
    expect(processesOf(weir.home)).toEqual([])
    await weir.up()
    await state(stage, virtualMachine, { name: 'vm', wanted: 'Running' })
    expect((await weir.client().get(virtualMachine, { namespace: place, name: 'vm' })).status?.startFailure).toBeUndefined()
  },
)

it('takes the place of an import on another machine that is silent for ten seconds', { timeout: 60_000 }, async () => {
  await makePlace(stage)
  const left = aMachine(place, 'tiny', { source: { upload: {} }, runStrategy: 'Halted' })
  const mark = '2026-01-01T00:00:00.000Z by process 1 since 1 in 00000000-0000-0000-0000-000000000000/1'
  await create(stage, virtualMachine, { ...left, metadata: { ...left.metadata, annotations: { [importingAnnotation]: mark } } })
  const { code, err } = await stage.weir.weir('import', stage.disks.obedient, '--name', 'tiny', '-n', place)
  expect(err).toMatch(
    /^an import of 'tiny' was begun before; .*\nvirtualmachine.kubevirt.io\/tiny of an interrupted import is replaced$/mu,
  )
  expect(code).toBe(0)
})

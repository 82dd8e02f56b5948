import { dataVolume, namespace, persistentVolumeClaim, virtualMachine } from '@weir/api'
import type { SeenMoment } from './moments.ts'
import { aDataVolume, aMachine } from './objects.ts'
import type { Stage } from './stage.ts'
import {
  create,
  expectContent,
  expectImported,
  filled,
  gone,
  ignore,
  isGone,
  makePlace,
  place,
  remove,
  runImport,
  runMachine,
  setRunStrategy,
  state,
  web,
} from './steps.ts'

/** An operation that a crash may interrupt at any moment, with one outcome: the one that it has undisturbed. */
export interface Scenario {
  readonly does: string
  prepare(stage: Stage): Promise<unknown>
  /** The operation, as its user sees it. What was not acknowledged is done again: twice has the outcome of once. */
  act(stage: Stage): Promise<unknown>
  /** Resolves when the operation has come to its end. */
  done(stage: Stage): Promise<unknown>
  /** Moments worth a test of their own; each lasts until the operation goes on, or to its end. */
  readonly moments: readonly SeenMoment[]
}

const seen = (when: string, pattern: RegExp): SeenMoment => ({
  kind: 'Seen',
  when,
  isSeen: (files) => files.some((file) => pattern.test(file)),
})
const fewer = (when: string, pattern: RegExp, count: number): SeenMoment => ({
  kind: 'Seen',
  when,
  isSeen: (files) => files.filter((file) => pattern.test(file)).length < count,
})
const halfArrived = seen('half the image has come', /^volumes\/.*\/scratch-disk$/u)
const askedToPowerOff = seen('the guest was asked to power off', /^machines\/.*\/intent$/u)
const machineGone = fewer('the machine is gone and its disks are there', /^machines\/./u, 1)

const imports: readonly Scenario[] = [
  {
    does: 'an import of an appliance from a web server',
    prepare: makePlace,
    act: (stage) => runImport(stage, stage.server.url('appliance.ova')),
    done: async (stage) => {
      await expectImported(stage, 'tiny')
    },
    moments: [halfArrived],
  },
  {
    does: 'an import of an appliance that is a file here',
    prepare: makePlace,
    act: (stage) => runImport(stage, stage.appliance),
    done: async (stage) => {
      await expectImported(stage, 'tiny')
    },
    moments: [halfArrived],
  },
  {
    does: 'an import of a disk that is a file here',
    prepare: makePlace,
    act: (stage) => runImport(stage, stage.disks.obedient),
    done: async (stage) => {
      await expectImported(stage, 'tiny')
    },
    moments: [seen('the disk is complete', /^volumes\/.*\/volume.json$/u)],
  },
  {
    does: 'a download',
    prepare: makePlace,
    act: (stage) => create(stage, dataVolume, aDataVolume(place, 'disk', web(stage))),
    done: (stage) => filled(stage, 'disk'),
    moments: [halfArrived],
  },
  {
    does: 'a clone',
    prepare: async (stage) => {
      await makePlace(stage)
      await create(stage, dataVolume, aDataVolume(place, 'disk', web(stage)))
      await filled(stage, 'disk')
    },
    act: (stage) => create(stage, dataVolume, aDataVolume(place, 'copy', { pvc: { name: 'disk', namespace: place } })),
    done: async (stage) => {
      await filled(stage, 'copy')
      await expectContent(stage, 'disk')
    },
    moments: [
      seen('the base has a name', /^volumes\/\.bases\/./u),
      seen('the source lies over it', /^volumes\/.*\/disk-.*\.img$/u),
    ],
  },
]

const lives: readonly Scenario[] = [
  {
    does: 'the start of a machine',
    prepare: async (stage) => {
      await makePlace(stage)
      const machine = aMachine(place, 'vm', { source: web(stage), graceSeconds: 1, runStrategy: 'Halted' })
      await create(stage, virtualMachine, machine)
      await filled(stage, 'vm-root')
    },
    act: (stage) => setRunStrategy(stage, 'Always'),
    done: (stage) => state(stage, virtualMachine, { name: 'vm', wanted: 'Running' }),
    moments: [
      seen('its process is about to begin', /^machines\/.*\/spec\.json$/u),
      seen('its process has begun', /^machines\/.*\/process$/u),
      seen('its process listens', /^machines\/.*\/qmp\.sock$/u),
    ],
  },
  {
    does: 'the stop of a machine whose guest takes its time',
    prepare: (stage) => runMachine(stage, { disk: 'deaf', graceSeconds: 2 }),
    act: (stage) => setRunStrategy(stage, 'Halted'),
    done: (stage) => state(stage, virtualMachine, { name: 'vm', wanted: 'Stopped' }),
    moments: [askedToPowerOff],
  },
  {
    does: 'weir down',
    prepare: (stage) => runMachine(stage),
    act: ({ weir }) => weir.weir('down'),
    done: async (stage) => {
      await stage.weir.up()
      await state(stage, virtualMachine, { name: 'vm', wanted: 'Running' })
    },
    moments: [seen('the guest is about to go', /^machines\/.*\/(?:intent|exit\.json)$/u)],
  },
]

const deletions: readonly Scenario[] = [
  {
    does: 'the deletion of a running machine',
    prepare: (stage) => runMachine(stage, { disk: 'deaf' }),
    act: (stage) => remove(stage, virtualMachine, 'vm'),
    done: (stage) => gone(stage, persistentVolumeClaim, 'vm-root'),
    moments: [askedToPowerOff, machineGone],
  },
  {
    does: 'the deletion of a claim and its clone',
    prepare: async (stage) => {
      await makePlace(stage)
      await create(stage, dataVolume, aDataVolume(place, 'disk', web(stage)))
      await filled(stage, 'disk')
      await create(stage, dataVolume, aDataVolume(place, 'copy', { pvc: { name: 'disk', namespace: place } }))
      await filled(stage, 'copy')
    },
    act: async (stage) => {
      await remove(stage, dataVolume, 'disk')
      await remove(stage, dataVolume, 'copy')
    },
    done: async (stage) => {
      await gone(stage, persistentVolumeClaim, 'disk')
      await gone(stage, persistentVolumeClaim, 'copy')
    },
    moments: [fewer('the first one is gone', /^volumes\/[^.].*\/volume\.json$/u, 2)],
  },
  {
    does: 'the deletion of a namespace with a running machine',
    prepare: (stage) => runMachine(stage, { disk: 'deaf' }),
    act: ({ weir }) => weir.client().delete(namespace, { name: place }).catch(ignore('API_NOT_FOUND')),
    done: (stage) => isGone(stage, () => stage.weir.client().get(namespace, { name: place })),
    moments: [askedToPowerOff, machineGone],
  },
]

export const scenarios: readonly Scenario[] = [...imports, ...lives, ...deletions]

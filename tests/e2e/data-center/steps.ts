import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import {
  dataVolume,
  type DataVolumeSpec,
  importingAnnotation,
  type KindDefinition,
  type KubernetesObject,
  namespace,
  persistentVolumeClaim,
  virtualMachine,
} from '@weir/api'
import { isWeirError } from '@weir/base'
import { expect } from 'vitest'
import { eventually } from './eventually.ts'
import { aMachine, aNamespace } from './objects.ts'
import type { Stage } from './stage.ts'

/** The namespace that scenarios work in. */
export const place = 'work'

export const web = ({ server }: Stage, disk = 'obedient'): NonNullable<DataVolumeSpec['source']> => ({
  http: { url: server.url(disk) },
})

/** @throws what the command said, which must be for people. */
export async function runImport({ weir }: Stage, location: string): Promise<void> {
  const { code, err } = await weir.weir('import', location, '--name', 'tiny', '-n', place)
  // The answer to an earlier try may have been lost, and not what it did.
  if (code === 0 || /^error: there is a machine 'tiny' already/mu.test(err)) return
  expect(err).toMatch(/^error: (?!.*(?:ECONN|\n +at )).{20,}/mu)
  throw new Error(err)
}

export const makePlace = ({ weir }: Stage): Promise<unknown> => weir.client().create(namespace, aNamespace(place))

export async function runMachine(stage: Stage, { disk = 'obedient', graceSeconds = 1 } = {}): Promise<void> {
  await makePlace(stage)
  await create(stage, virtualMachine, aMachine(place, 'vm', { source: web(stage, disk), graceSeconds }))
  await state(stage, virtualMachine, { name: 'vm', wanted: 'Running' })
}

export const setRunStrategy = ({ weir }: Stage, runStrategy: string): Promise<unknown> =>
  weir.client().patch(virtualMachine, { namespace: place, name: 'vm' }, { type: 'merge', body: { spec: { runStrategy } } })

export const create = <T extends KubernetesObject>({ weir }: Stage, kind: KindDefinition<T>, object: T): Promise<unknown> =>
  weir.client().create(kind, object).catch(ignore('API_ALREADY_EXISTS'))

export const remove = ({ weir }: Stage, kind: KindDefinition, name: string): Promise<unknown> =>
  weir.client().delete(kind, { namespace: place, name }).catch(ignore('API_NOT_FOUND'))

export const ignore =
  (code: 'API_ALREADY_EXISTS' | 'API_NOT_FOUND') =>
  (error: unknown): void => {
    if (!isWeirError(error, code)) throw error
  }

export const gone = (stage: Stage, kind: KindDefinition, name: string): Promise<void> =>
  isGone(stage, () => stage.weir.client().get(kind, { namespace: place, name }))

export const isGone = (stage: Stage, look: () => Promise<unknown>): Promise<void> => {
  const answer = (error: unknown): string => (isWeirError(error, 'API_NOT_FOUND') ? 'gone' : String(error))
  return eventually(() => look().then(() => 'there', answer), 'gone', stage.signal)
}

export const state = (
  { weir, signal }: Stage,
  kind: KindDefinition,
  { name, wanted }: { name: string; wanted: string },
): Promise<void> =>
  eventually(
    async () => {
      const { status } = (await weir.client().get(kind, { namespace: place, name })) as {
        readonly status?: { readonly phase?: string; readonly printableStatus?: string }
      }
      return status?.printableStatus ?? status?.phase ?? ''
    },
    wanted,
    signal,
  )

export async function filled(stage: Stage, name: string): Promise<void> {
  await state(stage, dataVolume, { name, wanted: 'Succeeded' })
  await expectContent(stage, name)
}

/** The disk behind claim `name` has the content of the obedient guest's disk, and zeros to its end. */
export async function expectContent({ weir, disks }: Stage, name: string): Promise<void> {
  const { uid = '' } = (await weir.client().get(persistentVolumeClaim, { namespace: place, name })).metadata
  const images = globSync(join(weir.home, 'volumes', '**', uid, '*.img'))
  expect(images).toHaveLength(1)
  expect(execFileSync('qemu-img', ['compare', '-U', images[0] ?? '', disks.obedient], { encoding: 'utf8' })).toMatch(/identical/u)
}

/** The machine is complete and Stopped, and so is its disk. */
export async function expectImported(stage: Stage, name: string): Promise<void> {
  await state(stage, virtualMachine, { name, wanted: 'Stopped' })
  const { metadata } = await stage.weir.client().get(virtualMachine, { namespace: place, name })
  expect(metadata.annotations?.[importingAnnotation]).toBeUndefined()
  await expectContent(stage, `${name}-disk-0`)
}

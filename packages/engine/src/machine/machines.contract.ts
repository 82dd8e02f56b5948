import { isWeirError } from '@weir/base'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Machines, MachineSpec, MachineState } from './machine.ts'

/** A host under test: what it takes to run guests on it, and to make them do what guests do. */
export interface MachinesPlace {
  /** Another `Machines` over the same host, as after a restart. */
  readonly open: () => Machines
  /** A machine whose guest is up soon and powers off when asked to; each id has a disk of its own. */
  readonly specOf: (id: string) => MachineSpec
  /** The same, but QEMU will not start it. */
  readonly brokenSpecOf: (id: string) => MachineSpec
  /** Resolves when the guest hears its power button. */
  readonly untilUp: (machines: Machines, id: string) => Promise<void>
  /** The guest shuts itself down. */
  readonly shutDown: (machines: Machines, id: string) => Promise<void>
  /** QEMU dies. */
  readonly crash: (machines: Machines, id: string) => Promise<void>
  readonly cleanUp: () => Promise<void>
}

const never = new AbortController().signal

/** The suite that holds over every kind of `Machines`. `create` makes an empty host. */
export function describeMachines(create: () => Promise<MachinesPlace>): void {
  let place: MachinesPlace
  let machines: Machines
  beforeEach(async () => {
    place = await create()
    machines = place.open()
    await machines.adopt()
  })
  afterEach(async () => {
    await Promise.all(machines.list().map((id) => machines.remove(id)))
    await machines.close()
    await place.cleanUp()
  })
  const ensure = (id = 'a'): Promise<void> => machines.ensure(place.specOf(id), never)
  /** Resolves with the first state of `id` that `accept` takes; it looks only when it is told of a change. */
  const until = (accept: (state: MachineState | undefined) => boolean, id = 'a'): Promise<MachineState | undefined> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!accept(machines.state(id))) return
        stop()
        resolve(machines.state(id))
      }
      const stop = machines.onChange((changed) => {
        if (changed === id) look()
      })
      look()
    })
  const isExited = (state: MachineState | undefined): boolean => state?.phase === 'Exited'
  const pidOf = (state: MachineState | undefined): number | undefined =>
    state === undefined || state.phase === 'Exited' ? undefined : state.pid

  it('knows nothing of what was never started', async () => {
    expect([machines.list(), machines.state('a')]).toEqual([[], undefined])
    await machines.remove('a')
    const refusals = await Promise.all(
      [machines.pause('a'), machines.unpause('a'), machines.powerDown('a'), machines.console('a'), machines.vnc('a')].map(
        (each) =>
          each.then(
            () => 'done',
            (error: unknown) => (isWeirError(error) ? error.code : String(error)),
          ),
      ),
    )
    expect(new Set(refusals)).toEqual(new Set(['MACHINE_NOT_RUNNING']))
  })

  it('starts a machine once, however often it is ensured', async () => {
    await Promise.all([ensure(), ensure()])
    const pid = pidOf(machines.state('a'))
    expect(pid).toBeGreaterThan(0)
    await ensure()
    expect([machines.list(), pidOf(machines.state('a'))]).toEqual([['a'], pid])
  })

  it('pauses and unpauses, as often as it is asked to', async () => {
    await ensure()
    await machines.pause('a')
    await until((state) => state?.phase === 'Paused')
    await machines.pause('a')
    await machines.unpause('a')
    await until((state) => state?.phase === 'Running')
    await machines.unpause('a')
    expect(machines.state('a')?.phase).toBe('Running')
  })

  it('tells a guest that powered off as asked from one that did so by itself, and from a QEMU that died', async () => {
    for (const id of ['a', 'b', 'c']) {
      await ensure(id)
      await place.untilUp(machines, id)
    }
    await machines.powerDown('a')
    await place.shutDown(machines, 'b')
    await place.crash(machines, 'c')
    expect(await until(isExited, 'a')).toMatchObject({ reason: 'Stopped' })
    expect(await until(isExited, 'b')).toMatchObject({ reason: 'GuestShutdown' })
    expect(await until(isExited, 'c')).toMatchObject({ reason: 'Crashed' })
  })

  it('gives a machine one life: after its end it is not started again before it is removed', async () => {
    await ensure()
    await machines.kill('a')
    expect(machines.state('a')).toMatchObject({ phase: 'Exited', reason: 'Killed' })
    await machines.kill('a')
    await ensure()
    expect(machines.state('a')).toMatchObject({ phase: 'Exited', reason: 'Killed' })
    await expect(machines.pause('a')).rejects.toMatchObject({ code: 'MACHINE_NOT_RUNNING' })
    await machines.remove('a')
    expect(machines.state('a')).toBeUndefined()
    await ensure()
    expect(machines.state('a')?.phase).toBe('Running')
  })

  it('removes a machine that runs, and leaves no trace of it', async () => {
    await ensure()
    await machines.remove('a')
    expect([machines.list(), machines.state('a')]).toEqual([[], undefined])
    const later = place.open()
    expect(await later.adopt()).toEqual([])
    await later.close()
  })

  it('leaves nothing of a machine that did not start', async () => {
    const error: unknown = await machines.ensure(place.brokenSpecOf('a'), never).catch((reason: unknown) => reason)
    expect(isWeirError(error, 'MACHINE_START_FAILED')).toBe(true)
    expect([machines.list(), machines.state('a')]).toEqual([[], undefined])
  })

  it('does not let two machines write one disk', async () => {
    await ensure('a')
    const second = { ...place.specOf('a'), id: 'b' }
    await expect(machines.ensure(second, never)).rejects.toMatchObject({ code: 'MACHINE_START_FAILED' })
    expect(machines.state('a')?.phase).toBe('Running')
  })

  it('starts nothing once it was called off', async () => {
    const reason = new Error('called off')
    await expect(machines.ensure(place.specOf('a'), AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(machines.list()).toEqual([])
  })

  it('finds after a restart what runs and what has ended, and touches neither', async () => {
    for (const id of ['a', 'b']) await ensure(id)
    await place.untilUp(machines, 'a')
    await machines.kill('b')
    const pid = pidOf(machines.state('a'))
    await machines.close()
    machines = place.open()
    expect(machines.state('a')).toBeUndefined()
    expect([...(await machines.adopt())].toSorted()).toEqual(['a', 'b'])
    expect(machines.state('a')).toMatchObject({ phase: 'Running', pid })
    expect(machines.state('b')).toMatchObject({ phase: 'Exited', reason: 'Killed' })
    await machines.powerDown('a')
    expect(await until(isExited)).toMatchObject({ reason: 'Stopped' })
  })
}

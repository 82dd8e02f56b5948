import { configMap } from '@weir/api'
import { cleanedUp, runSteps } from '../index.ts'
import { memberNames, memberOf } from './pool.ts'
import { membersTold, type PoolDeps, type PoolParts, type PoolStep } from './pool-controller.ts'

/** How such a controller is written wrong: what of its parts is different. Tests of convergence must notice each. */
export const mistakes: Readonly<Record<string, (parts: PoolParts, deps: PoolDeps) => Partial<PoolParts>>> = {
  'acts before the finalizer': ({ steps, hold }) => ({
    hold: async (object, signal) => {
      await runSteps(steps, object, signal)
      return await hold(object, signal)
    },
  }),
  'lets go before it has cleaned up': () => ({ cleanUp: [pretend] }),
  'gives members new names each time': ({ steps }, deps) => ({ steps: [withNewNames(deps), ...steps.slice(1)] }),
  'remembers what it made instead of looking': ({ steps }, deps) => ({ steps: [fromMemory(deps), ...steps.slice(1)] }),
  'tells no status when a step fails': ({ conclude }) => ({
    conclude: async (object, run, signal) => {
      if (run.errors.length > 0) throw new AggregateError(run.errors)
      return await conclude(object, run, signal)
    },
  }),
  'keeps its errors to itself': ({ conclude }) => ({
    conclude: (object, run, signal) => conclude(object, { ...run, errors: [] }, signal),
  }),
  'does not watch its members': () => ({ watches: [] }),
}

const pretend: PoolStep = () =>
  Promise.resolve({
    conditions: [{ type: cleanedUp, status: 'True', reason: 'NothingLeft', message: '' }],
    next: { kind: 'Wait' },
  })

const withNewNames =
  ({ context: { client, cacheOf } }: PoolDeps): PoolStep =>
  async (object, signal) => {
    const owned = cacheOf(configMap)
      .list()
      .filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === object.metadata.uid)
    for (let count = owned.length; count < object.spec.size; count++)
      await client.create(
        configMap,
        memberOf(object, `${object.metadata.name}-${object.metadata.resourceVersion}-${count}`),
        signal,
      )
    return membersTold(owned.length === object.spec.size, owned.length)
  }

const fromMemory = ({ context: { client } }: PoolDeps): PoolStep => {
  const made = new Set<string>()
  return async (object, signal) => {
    for (const name of memberNames(object)) {
      const id = `${object.metadata.uid}/${name}`
      if (made.has(id)) continue
      made.add(id)
      await client.create(configMap, memberOf(object, name), signal)
    }
    return membersTold(true, object.spec.size)
  }
}

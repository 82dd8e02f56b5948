import type { InstancePhase, VirtualMachineInstance } from '@weir/api'
import { createCache } from '@weir/client'
import { array, assert, boolean, constantFrom, nat, property, record } from 'fast-check'
import { expect, it } from 'vitest'
import { demandOf } from './demand.ts'
import { createLedger } from './ledger.ts'

const hosts = ['h1', 'h2', ''] as const
const memories = ['1Gi', '2Gi', 'no quantity'] as const

interface Change {
  readonly name: string
  readonly uid: string
  readonly host: (typeof hosts)[number]
  readonly memory: (typeof memories)[number]
  readonly phase: InstancePhase
  readonly isGone: boolean
}

const change = record<Change>({
  name: constantFrom('a', 'b', 'c'),
  uid: constantFrom('1', '2'),
  host: constantFrom(...hosts),
  memory: constantFrom(...memories),
  phase: constantFrom('Scheduled', 'Running', 'Succeeded', 'Failed'),
  isGone: boolean(),
})

const anInstance = ({ name, uid, host, memory, phase }: Change, version: number): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name, namespace: 'default', uid: `${name}-${uid}`, resourceVersion: String(version) },
  spec: { domain: { memory: { guest: memory }, devices: {} } },
  status: { phase, ...(host === '' ? {} : { nodeName: host }) },
})

/** The same sums, made anew from what the cache holds. */
function recount(instances: readonly VirtualMachineInstance[], host: string): number {
  return instances
    .filter(({ status }) => status?.nodeName === host && status.phase !== 'Succeeded' && status.phase !== 'Failed')
    .filter(({ spec }) => spec.domain.memory?.guest !== 'no quantity')
    .reduce((sum, instance) => sum + demandOf(instance).memoryBytes, 0)
}

it('knows after each change what a recount would find', () => {
  assert(
    property(array(change), (changes) => {
      const cache = createCache<VirtualMachineInstance>()
      const ledger = createLedger(cache)
      for (const [version, each] of changes.entries()) {
        const instance = anInstance(each, version + 1)
        if (each.isGone) cache.remove(instance)
        else cache.put(instance)
        for (const host of ['h1', 'h2']) expect(ledger.taken(host).memoryBytes).toBe(recount(cache.list(), host))
      }
      expect(createLedger(cache).taken('h1')).toEqual(ledger.taken('h1'))
    }),
  )
})

it('counts a decision until the cache shows it, or shows otherwise', () => {
  assert(
    property(constantFrom('h1', 'h2'), nat(2), (shown, staleLooks) => {
      const cache = createCache<VirtualMachineInstance>()
      const ledger = createLedger(cache)
      const at = (host: 'h1' | 'h2' | '', version: number) =>
        anInstance({ name: 'a', uid: '1', host, memory: '1Gi', phase: 'Scheduled', isGone: false }, version)
      cache.put(at('', 1))
      ledger.assume(at('', 1), 'h1')
      const one = demandOf(at('', 1)).memoryBytes
      for (let look = 0; look < staleLooks; look++) cache.put(at('', 2 + look))
      expect(ledger.taken('h1').memoryBytes).toBe(one)
      let freed = 0
      ledger.onFreed(() => freed++)
      cache.put(at(shown, 10))
      expect([ledger.taken('h1').memoryBytes, ledger.taken('h2').memoryBytes]).toEqual(shown === 'h1' ? [one, 0] : [0, one])
      expect(freed).toBe(shown === 'h1' ? 0 : 1)
      ledger.forget('a-1')
      expect(ledger.taken(shown).memoryBytes).toBe(one)
      cache.remove(at(shown, 11))
      expect(ledger.taken(shown).memoryBytes).toBe(0)
    }),
  )
})

it('takes back what was assumed in vain', () => {
  const cache = createCache<VirtualMachineInstance>()
  const ledger = createLedger(cache)
  const instance = anInstance({ name: 'a', uid: '1', host: '', memory: '1Gi', phase: 'Pending', isGone: false }, 1)
  ledger.assume(instance, 'h1')
  ledger.assume(instance, 'h2')
  expect(ledger.taken('h1').memoryBytes).toBe(0)
  ledger.forget('a-1')
  expect(ledger.taken('h2').memoryBytes).toBe(0)
})

import type { VirtualMachineInstance } from '@weir/api'
import { isWeirError } from '@weir/base'
import type { CacheReader } from '@weir/client'
import { isFinal } from '../virtual-machine-instance/observe.ts'
import { demandOf } from './demand.ts'
import type { Room } from './first-fit.ts'

/** What the machines of each host take, kept up to date change by change. */
export interface Ledger {
  /** What is taken of a host, decisions that the cache does not show yet included. O(1). */
  taken(nodeName: string): Room
  /** Counts an instance on a host before the cache shows it there (kube-scheduler's "assume"), until it shows otherwise. */
  assume(instance: VirtualMachineInstance, nodeName: string): void
  /** Takes back what was assumed of an instance. */
  forget(uid: string): void
  /** Calls `listener` whenever room became free; returns what ends it. */
  onFreed(listener: () => void): () => void
}

interface Entry extends Room {
  readonly nodeName: string
  readonly isAssumed: boolean
}

const none: Room = { memoryBytes: 0, cpuMillis: 0 }

/** The ledger of a cache. */
export function createLedger(cache: CacheReader<VirtualMachineInstance>): Ledger {
  const entries = new Map<string, Entry>()
  const totals = new Map<string, Room>()
  const listeners = new Set<() => void>()

  const count = ({ nodeName, memoryBytes, cpuMillis }: Entry, sign: 1 | -1): void => {
    const before = totals.get(nodeName) ?? none
    const after = { memoryBytes: before.memoryBytes + sign * memoryBytes, cpuMillis: before.cpuMillis + sign * cpuMillis }
    if (after.memoryBytes === 0 && after.cpuMillis === 0) totals.delete(nodeName)
    else totals.set(nodeName, after)
  }
  const set = (uid: string, entry: Entry | undefined): void => {
    const before = entries.get(uid)
    if (before !== undefined) count(before, -1)
    if (entry === undefined) entries.delete(uid)
    else {
      entries.set(uid, entry)
      count(entry, 1)
    }
    const isFreed = before !== undefined && before.nodeName !== entry?.nodeName
    if (isFreed) listeners.forEach((listener) => listener())
  }
  const put = (instance: VirtualMachineInstance): void => {
    const { uid = '' } = instance.metadata
    const nodeName = instance.status?.nodeName
    if (nodeName !== undefined && !isFinal(instance)) set(uid, { ...roomOf(instance), nodeName, isAssumed: false })
    // An older state than the decision says nothing about it.
    else if (entries.get(uid)?.isAssumed !== true || nodeName !== undefined) set(uid, undefined)
  }
  cache.subscribe(({ kind, object, previous }) => {
    const replaced = previous?.metadata.uid
    if (replaced !== undefined && (kind === 'Delete' || replaced !== object.metadata.uid)) set(replaced, undefined)
    if (kind === 'Put') put(object)
  })
  cache.list().forEach(put)
  return {
    taken: (nodeName) => totals.get(nodeName) ?? none,
    assume: (instance, nodeName) => set(instance.metadata.uid ?? '', { ...roomOf(instance), nodeName, isAssumed: true }),
    forget: (uid) => {
      if (entries.get(uid)?.isAssumed === true) set(uid, undefined)
    },
    onFreed: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** An instance that cannot be read takes nothing: it cannot run either, and must not hide the others. */
function roomOf(instance: VirtualMachineInstance): Room {
  try {
    const { memoryBytes, cpuMillis } = demandOf(instance)
    return { memoryBytes, cpuMillis }
  } catch (error) {
    if (isWeirError(error, 'INPUT_QUANTITY')) return none
    throw error
  }
}

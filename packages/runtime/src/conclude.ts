import type { KubernetesObject } from '@weir/api'
import { isConditionTrue } from './conditions.ts'
import type { ObjectWriter } from './object-writer.ts'
import type { Next, Run } from './outcome.ts'

/** What a run is concluded with. */
export interface Conclusion<T extends KubernetesObject, S> {
  readonly writer: ObjectWriter<T>
  readonly object: T
  readonly run: Run<S>
}

/** The condition type that says that nothing outside is left of an object. A deletion waits for it to be True. */
export const cleanedUp = 'CleanedUp'

/**
 * The last line of a reconcile: the one status write, also of a run in which steps failed; then when to look again.
 * @throws AggregateError of all that the steps and the status write threw
 */
export async function concludeRun<T extends KubernetesObject, S>(
  conclusion: Conclusion<T, S>,
  signal: AbortSignal,
): Promise<Next> {
  await settleStatus(conclusion, signal)
  return conclusion.run.next
}

/**
 * As `concludeRun` for an object that is being deleted. Its finalizer goes last: in a run without errors whose condition
 * `CleanedUp` is True, and whose status had been written before. @throws API_CONFLICT
 */
export async function concludeDeletion<T extends KubernetesObject, S>(
  conclusion: Conclusion<T, S>,
  signal: AbortSignal,
): Promise<Next> {
  const { writer, object, run } = conclusion
  const isWritten = await settleStatus(conclusion, signal)
  // Our own status write wakes us again, with a version that the next write can build on.
  if (!isWritten && isConditionTrue(run.conditions, cleanedUp)) await writer.removeFinalizer(object, signal)
  return run.next
}

/** True if it wrote. */
async function settleStatus<T extends KubernetesObject, S>(
  { writer, object, run }: Conclusion<T, S>,
  signal: AbortSignal,
): Promise<boolean> {
  const errors = [...run.errors]
  let isWritten = false
  try {
    isWritten = await writer.patchStatus(object, run, signal)
  } catch (error) {
    errors.push(error)
  }
  const { namespace = '', name } = object.metadata
  if (errors.length > 0) throw new AggregateError(errors, `${object.kind} ${namespace}/${name} could not be reconciled`)
  return isWritten
}

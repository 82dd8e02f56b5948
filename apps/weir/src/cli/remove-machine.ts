import { type VirtualMachine, virtualMachine } from '@weir/api'
import { isWeirError, WeirError } from '@weir/base'
import type { Client } from '@weir/client'
import { pause } from './pause.ts'
import type { Session } from './session.ts'

/** How long to wait for what was deleted to be gone. */
interface Patience {
  readonly signal?: AbortSignal
  /** Absent: as long as the guest takes, and it may take its grace period. */
  readonly waitMillis?: number
}

/** Deletes this very machine with its disks and waits until they are gone; nothing if another one has its name. @throws CLI_TIMED_OUT */
export async function removeMachine(
  client: Client,
  machine: VirtualMachine,
  { signal, waitMillis = Number.POSITIVE_INFINITY }: Patience = {},
): Promise<void> {
  const { uid, name } = machine.metadata
  const isOther = (error: unknown): boolean => isWeirError(error, 'API_NOT_FOUND') || isWeirError(error, 'API_CONFLICT')
  await client
    .delete(virtualMachine, machine.metadata, { propagationPolicy: 'Foreground', ...(uid === undefined ? {} : { uid }) })
    .catch((error: unknown) => {
      if (!isOther(error)) throw error
    })
  const end = performance.now() + waitMillis
  for (;;) {
    const now = await findMachine(client, machine, signal)
    if (now === undefined || now.metadata.uid !== uid) return
    if (performance.now() > end)
      throw new WeirError(
        'CLI_TIMED_OUT',
        `'${name}' is being deleted for ${waitMillis / 1000} s; 'weir events' may say what holds it`,
      )
    await pause(50, signal)
  }
}

/** Deletes the machine of that name with its disks; if asked to, waits until nothing of them is left. @throws API_NOT_FOUND, and as `Client`. */
export async function deleteMachine(
  { client, namespace, signal }: Session,
  name: string,
  { wait }: { readonly wait: boolean },
): Promise<void> {
  if (wait) await removeMachine(client, await client.get(virtualMachine, { namespace, name }, signal), { signal })
  else await client.delete(virtualMachine, { namespace, name })
}

/** The machine of that name now, undefined if there is none. @throws as `Client`. */
export const findMachine = (
  client: Client,
  { metadata }: Pick<VirtualMachine, 'metadata'>,
  signal?: AbortSignal,
): Promise<VirtualMachine | undefined> =>
  client.get(virtualMachine, metadata, signal).catch((error: unknown) => {
    if (!isWeirError(error, 'API_NOT_FOUND')) throw error
    return undefined
  })

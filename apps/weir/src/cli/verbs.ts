import { type KindDefinition, virtualMachine, virtualMachineInstance } from '@weir/api'
import { isWeirError, WeirError } from '@weir/base'
import { bulkExitCode, type ExitCode, failureText } from './failure.ts'
import { qualifiedName } from './output.ts'
import { findMachine } from './remove-machine.ts'
import type { Session } from './session.ts'

/** What can be asked of a machine, and of which of its objects (KubeVirt's `subresources.kubevirt.io/v1`). */
const machineVerbs = {
  start: virtualMachine,
  stop: virtualMachine,
  restart: virtualMachine,
  pause: virtualMachineInstance,
  unpause: virtualMachineInstance,
} as const
export type MachineVerb = keyof typeof machineVerbs

/** The path of a subresource of a machine. */
export const subresourcePath = (kind: KindDefinition, key: { readonly namespace: string; readonly name: string }, verb: string) =>
  `/apis/subresources.kubevirt.io/v1/namespaces/${encodeURIComponent(key.namespace)}/${kind.plural}/${encodeURIComponent(key.name)}/${verb}`

/**
 * Asks for `verb` on one machine. `options` is the body, as `{gracePeriod: 0}` for `stop`.
 * @throws MACHINE_NOT_RUNNING with the machine's state if the verb needs a running one, else as `Client`.
 */
export async function askMachine(
  session: Session,
  verb: MachineVerb,
  { name, options = {} }: { readonly name: string; readonly options?: object },
): Promise<void> {
  const path = subresourcePath(machineVerbs[verb], { namespace: session.namespace, name }, verb)
  try {
    await session.client.raw('PUT', path, options, session.signal)
  } catch (error) {
    throw machineVerbs[verb] === virtualMachineInstance && isWeirError(error, 'API_NOT_FOUND')
      ? await orNotRunning(session, name, error)
      : error
  }
}

/** What to say of a machine without an instance: that it does not run, and why; `error` itself if there is no such machine. */
export async function orNotRunning({ client, namespace, signal }: Session, name: string, error: WeirError): Promise<WeirError> {
  const machine = await findMachine(client, { metadata: { namespace, name } }, signal).catch(() => undefined)
  if (machine === undefined) return error
  const { printableStatus = 'Stopped', conditions = [] } = machine.status ?? {}
  const why = conditions.find(({ type, status, message }) => type === 'Ready' && status !== 'True' && message !== '')?.message
  return new WeirError(
    'MACHINE_NOT_RUNNING',
    printableStatus === 'Stopped'
      ? `'${name}' is stopped; start it first: weir vm start ${name}`
      : `'${name}' does not run: it is ${printableStatus}${why === undefined ? '' : ` (${why})`}`,
    { cause: error },
  )
}

/** Does `action` for each machine and says so; failures do not stop the others. */
export async function forEachMachine(
  session: Session,
  { names, done }: { readonly names: readonly string[]; readonly done: string },
  action: (name: string) => Promise<void>,
): Promise<ExitCode> {
  const errors: unknown[] = []
  for (const name of names) {
    try {
      await action(name)
      session.io.out(`${qualifiedName(virtualMachine, name)} ${done}\n`)
    } catch (error) {
      if (session.signal.aborted) throw error
      errors.push(error)
      session.io.err(failureText(error))
    }
  }
  return bulkExitCode(errors, names.length)
}

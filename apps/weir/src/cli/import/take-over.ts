import { importingAnnotation, type VirtualMachine, virtualMachine } from '@weir/api'
import { isWeirError, WeirError } from '@weir/base'
import type { Client } from '@weir/client'
import type { Session } from '../session.ts'
import { pause } from '../pause.ts'
import { findMachine, removeMachine } from '../remove-machine.ts'
import type { ImportEvent } from './events.ts'
import { formatMark, hasEnded, markOf, parseMark } from './importer.ts'

/** An import says every two seconds that it goes on; one that is silent five times as long has ended. */
const beatMillis = 2000
const silenceMillis = 5 * beatMillis
const lookMillis = 250
const goneMillis = 60_000

/**
 * Creates `wanted` marked as being imported. What an import that was killed left under its name gives way first.
 * @throws API_ALREADY_EXISTS if the name belongs to a machine that is complete or to an import that goes on.
 */
export async function createMarked(
  { client, signal }: Session,
  wanted: VirtualMachine,
  onEvent: (event: ImportEvent) => void,
): Promise<VirtualMachine> {
  const { name } = wanted.metadata
  for (;;) {
    const annotations = { ...wanted.metadata.annotations, [importingAnnotation]: formatMark(markOf(Date.now())) }
    const marked = { ...wanted, metadata: { ...wanted.metadata, annotations } }
    const created = await client.create(virtualMachine, marked, signal).catch((error: unknown) => {
      if (!isWeirError(error, 'API_ALREADY_EXISTS')) throw error
    })
    if (created !== undefined) return created
    const found = await findMachine(client, wanted, signal)
    if (found === undefined) continue
    await assertAbandoned(client, found, { signal, onEvent })
    onEvent({ kind: 'Replaces', name })
    await removeMachine(client, found, { signal, waitMillis: goneMillis })
  }
}

const markIn = ({ metadata }: VirtualMachine): string | undefined => metadata.annotations?.[importingAnnotation]

/** Resolves if nobody fills `machine` any more. Goes by what is seen: the clocks of two machines may differ. */
async function assertAbandoned(
  client: Client,
  machine: VirtualMachine,
  { signal, onEvent }: { readonly signal: AbortSignal; readonly onEvent: (event: ImportEvent) => void },
): Promise<void> {
  const { name } = machine.metadata
  const text = markIn(machine)
  if (text === undefined) throw taken(name)
  const mark = parseMark(text)
  if (mark !== undefined && hasEnded(mark)) return
  onEvent({ kind: 'Looks', name, seconds: silenceMillis / 1000 })
  const end = performance.now() + silenceMillis
  while (performance.now() < end) {
    await pause(lookMillis, signal)
    const now = await findMachine(client, machine, signal)
    if (now === undefined || now.metadata.uid !== machine.metadata.uid) return
    if (markIn(now) === undefined) throw taken(name)
    if (markIn(now) !== text)
      throw new WeirError(
        'API_ALREADY_EXISTS',
        `'${name}' is being imported by another command; wait until it is done, or choose another name: --name NAME`,
      )
  }
}

const taken = (name: string): WeirError =>
  new WeirError(
    'API_ALREADY_EXISTS',
    `there is a machine '${name}' already; choose another name: --name NAME, or delete it first: weir vm delete ${name}`,
  )

/** Keeps the mark of a machine fresh. `lost` aborts when the machine is not there any more, or another one in its place. */
export interface Marking {
  readonly lost: AbortSignal
  /** No beat is on its way when it resolves. */
  stop(): Promise<void>
}

/** Says every two seconds that the import of `machine` goes on. A beat that fails is followed by the next one. */
export function keepMarked(client: Client, { metadata: { namespace = '', name, uid } }: VirtualMachine): Marking {
  const lost = new AbortController()
  let last: Promise<void> = Promise.resolve()
  const beat = async (): Promise<void> => {
    const metadata = { uid, annotations: { [importingAnnotation]: formatMark(markOf(Date.now())) } }
    await client.patch(virtualMachine, { namespace, name }, { type: 'merge', body: { metadata } }).catch((error: unknown) => {
      if (isWeirError(error, 'API_NOT_FOUND') || isWeirError(error, 'API_CONFLICT'))
        lost.abort(new WeirError('CLI_UPLOAD_FAILED', `'${name}' was deleted or replaced while it was imported`))
    })
  }
  const timer = setInterval(() => (last = last.then(beat)), beatMillis)
  return {
    lost: lost.signal,
    stop: async () => {
      clearInterval(timer)
      await last
    },
  }
}

import { importingAnnotation, type VirtualMachine, virtualMachine } from '@weir/api'
import { isWeirError, WeirError } from '@weir/base'
import { type Mapping, type MappedDisk, toVirtualMachine } from '@weir/estate'
import type { Session } from '../session.ts'
import { pause } from '../pause.ts'
import { removeMachine } from '../remove-machine.ts'
import type { ImportEvent } from './events.ts'
import { openSource, type SourceEvent } from './read-source.ts'
import { createMarked, keepMarked, type Marking } from './take-over.ts'
import { uploadDisk } from './upload.ts'

/** How the machine is to be made. */
export interface ImportOptions {
  readonly name?: string
  readonly networkMap: ReadonlyMap<string, string>
  readonly start: boolean
  readonly compatibility: boolean
  readonly onEvent: (event: ImportEvent) => void
}

/** A data center that is started again answers within this time. */
const finishAttempts = 4
const finishPauseMillis = 1000

/**
 * Makes a VirtualMachine of an appliance or a bare disk: the machine first, Halted and marked as being imported, then its disks
 * as they stream by. On any failure everything made is deleted again: the disks belong to the machine and go with it. What an
 * import that could not do so has left gives way to this one.
 */
export async function importAppliance(session: Session, location: string, options: ImportOptions): Promise<VirtualMachine> {
  const source = await openSource(location, session.signal)
  const made: { mapping?: Mapping; machine?: VirtualMachine; marking?: Marking; session: Session } = { session }
  const filled = new Set<string>()
  let verified = false
  try {
    for await (const event of source.events) {
      if (event.kind === 'Machine') Object.assign(made, await createMachine(session, event, options))
      if (event.kind === 'File') await takeFile(made.session, { event, mapping: made.mapping, filled }, options)
      if (event.kind === 'End') verified = event.verified
    }
    if (made.mapping === undefined) throw new WeirError('IMAGE_FORMAT', `'${location}' holds no machine`)
    assertComplete(made.mapping, filled)
  } catch (error) {
    await made.marking?.stop()
    if (made.machine !== undefined)
      await removeMachine(session.client, made.machine, { waitMillis: 60_000 }).catch((failure: unknown) =>
        leftBehind(error, failure, made.machine),
      )
    throw error
  } finally {
    await source.close()
  }
  const { machine, marking } = made
  if (machine === undefined) throw new WeirError('IMAGE_FORMAT', `'${location}' holds no machine`)
  await marking?.stop()
  await finish(session, machine, options)
  const { name, namespace = '' } = machine.metadata
  options.onEvent({ kind: 'Done', namespace, name, verified, started: options.start })
  return machine
}

function assertComplete({ disks }: Mapping, filled: ReadonlySet<string>): void {
  const missing = disks.find(({ fileName }) => fileName !== undefined && !filled.has(fileName))
  if (missing?.fileName !== undefined)
    throw new WeirError(
      'IMAGE_FORMAT',
      `the descriptor names '${missing.fileName}', which the appliance does not hold; export it again`,
    )
}

/**
 * Takes the mark away and starts the machine if that is asked, in one step: it is complete, and never was half so. Deletes
 * nothing if that fails: the answer may be lost and not the request.
 */
async function finish({ client, signal }: Session, machine: VirtualMachine, { start }: ImportOptions): Promise<void> {
  const { namespace = '', name, uid } = machine.metadata
  const metadata = { uid, annotations: { [importingAnnotation]: null } }
  const body = { metadata, ...(start ? { spec: { runStrategy: 'Always' } } : {}) }
  for (let attempt = 1; ; attempt++) {
    try {
      await client.patch(virtualMachine, { namespace, name }, { type: 'merge', body })
      return
    } catch (cause) {
      if (!isWeirError(cause, 'CLIENT_UNREACHABLE') && !isWeirError(cause, 'API_UNAVAILABLE')) throw cause
      if (attempt === finishAttempts)
        throw new WeirError(
          'CLI_UPLOAD_FAILED',
          `the disks of '${name}' are complete, but the data center did not answer when it was told so (${cause.message}); while 'weir status' lists it as importing, repeat the import`,
          { cause },
        )
      await pause(finishPauseMillis, signal)
    }
  }
}

async function createMachine(
  session: Session,
  { machine: source }: Extract<SourceEvent, { kind: 'Machine' }>,
  options: ImportOptions,
): Promise<{ mapping: Mapping; machine: VirtualMachine; marking: Marking; session: Session }> {
  const mapping = toVirtualMachine(source, {
    namespace: session.namespace,
    networkMap: options.networkMap,
    compatibility: options.compatibility,
    ...(options.name === undefined ? {} : { name: options.name }),
  })
  for (const concern of mapping.concerns) options.onEvent({ kind: 'Concern', concern })
  const machine = await createMarked(session, mapping.virtualMachine, options.onEvent)
  const marking = keepMarked(session.client, machine)
  options.onEvent({ kind: 'Created', namespace: session.namespace, name: machine.metadata.name, diskCount: mapping.disks.length })
  return { mapping, machine, marking, session: { ...session, signal: AbortSignal.any([session.signal, marking.lost]) } }
}

interface Arrival {
  readonly event: Extract<SourceEvent, { kind: 'File' }>
  readonly mapping: Mapping | undefined
  readonly filled: Set<string>
}

/** Sends a file to the disk it belongs to; files that are no disks (NVRAM, licences) pass by. */
async function takeFile(session: Session, { event, mapping, filled }: Arrival, { onEvent }: ImportOptions): Promise<void> {
  const disk: MappedDisk | undefined = mapping?.disks.find(({ fileName }) => fileName === event.name)
  if (disk === undefined) return
  const begun = performance.now()
  const { sizeBytes, bytes, place } = event
  const sized = sizeBytes === undefined ? {} : { totalBytes: sizeBytes }
  let sentBytes = 0
  await uploadDisk(session, {
    name: disk.dataVolume,
    sizeBytes,
    bytes,
    ...(place === undefined ? {} : { place }),
    onSent: (sent) => {
      sentBytes = sent
      onEvent({ kind: 'Progress', disk: disk.dataVolume, sentBytes, ...sized })
    },
  })
  filled.add(event.name)
  onEvent({ kind: 'Filled', disk: disk.dataVolume, sentBytes: sizeBytes ?? sentBytes, millis: performance.now() - begun })
}

/** Why the import failed matters more than why the clean-up did; both are told. */
function leftBehind(error: unknown, failure: unknown, machine: VirtualMachine | undefined): never {
  const why = failure instanceof Error ? failure.message : ''
  throw new WeirError(
    'CLI_UPLOAD_FAILED',
    `${error instanceof Error ? error.message : 'the import failed'}; '${machine?.metadata.name ?? ''}' could not be deleted again (${why}); repeat the import later, and it takes that place`,
    { cause: error },
  )
}

import { WeirError } from '@weir/base'
import { type GlobalOptions, openSession, processIo } from '../session.ts'
import { importAppliance } from './import-appliance.ts'
import { createImportProgress } from './progress.ts'

/** The flags of `weir import`. */
export interface ImportFlags extends GlobalOptions {
  readonly name?: string
  readonly networkMap?: readonly string[]
  readonly start?: boolean
  readonly compatibility?: boolean
  readonly output?: string
}

/** Ctrl-C, a supervisor, and a terminal that is closed. */
const interrupts = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs `weir import LOCATION`: lines and a bar on standard error, or JSON events on standard output with `-o json`. */
export async function runImport(location: string, flags: ImportFlags): Promise<void> {
  const abort = new AbortController()
  const onInterrupt = (): void =>
    abort.abort(new WeirError('CLI_CANCELLED', 'the import was cancelled; what it had made is deleted'))
  for (const name of interrupts) process.once(name, onInterrupt)
  const io = processIo()
  const { session, close } = await openSession(flags, { io, signal: abort.signal })
  const show = createImportProgress({ write: (text) => io.err(text), isTerminal: io.isTerminal, now: () => performance.now() })
  try {
    await importAppliance(session, location, {
      ...(flags.name === undefined ? {} : { name: flags.name }),
      networkMap: parseNetworkMap(flags.networkMap ?? []),
      start: flags.start ?? false,
      compatibility: flags.compatibility ?? false,
      onEvent: flags.output === 'json' ? (event) => io.out(`${JSON.stringify(event)}\n`) : show,
    })
  } finally {
    close()
    for (const name of interrupts) process.off(name, onInterrupt)
  }
}

/** Reads `SOURCE=TARGET` pairs. @throws CLI_USAGE */
function parseNetworkMap(pairs: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    pairs.map((pair) => {
      const at = pair.lastIndexOf('=')
      if (at <= 0 || at === pair.length - 1) throw new WeirError('CLI_USAGE', `--network-map takes SOURCE=TARGET, not '${pair}'`)
      return [pair.slice(0, at), pair.slice(at + 1)] as const
    }),
  )
}

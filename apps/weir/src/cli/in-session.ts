import { WeirError } from '@weir/base'
import type { Command } from 'commander'
import type { GlobalOptions, Session } from './session.ts'

/** Runs `action` with a session; its failures are told in one line with the exit code that fits. */
export const inSession = (command: Command, action: (session: Session) => Promise<number | void>): Promise<void> =>
  withSession(command.optsWithGlobals<GlobalOptions>(), async (session) => {
    const code = await action(session)
    if (typeof code === 'number') process.exitCode = code
  })

/** What `action` makes of a session, which ends with it, or by Ctrl-C. @throws as `openSession` and `action` */
export async function withSession<T>(options: GlobalOptions, action: (session: Session) => Promise<T>): Promise<T> {
  const { openSession, processIo } = await import('./session.ts')
  const abort = new AbortController()
  const interrupt = (): void => abort.abort(new WeirError('CLI_CANCELLED', 'interrupted'))
  process.once('SIGINT', interrupt)
  const { session, close } = await openSession(options, { io: processIo(), signal: abort.signal })
  try {
    return await action(session)
  } finally {
    close()
    // What follows may compute for long without listening: Ctrl-C has to end it by itself.
    process.off('SIGINT', interrupt)
  }
}

import { virtualMachineInstance } from '@weir/api'
import { WeirError } from '@weir/base'
import { openSession, processIo } from '../cli/session.ts'
import { guestGraceMillis } from './foreground.ts'
import { recordedProcess, signalProcess, waitForEnd, wasKilled } from './process-record.ts'
import { stateDirectory } from './state-directory.ts'

/** How `down` found things: stopped by us, or nothing to stop; `wasKilled` if the last data center did not stop by itself. */
export type DownOutcome = 'Stopped' | 'NothingRan' | 'WasKilled'

/**
 * Ends the data center; guests are powered off first unless `keepGuests`. A stop that is under way is waited for.
 * @throws DOWN_FAILED if it takes too long or is killed meanwhile.
 */
export async function down({ keepGuests }: { readonly keepGuests: boolean }, say: (line: string) => void): Promise<DownOutcome> {
  const { pidFile, log, kubeconfig } = stateDirectory()
  const running = recordedProcess(pidFile)
  if (running === undefined) return wasKilled(pidFile) ? 'WasKilled' : 'NothingRan'
  if (running.state === 'stopping') say('It is stopping already; waiting for that ...')
  else {
    if (!keepGuests) await announce(kubeconfig, say)
    signalProcess(running, keepGuests ? 'SIGTERM' : 'SIGUSR2')
  }
  if (!(await waitForEnd(running, guestGraceMillis + 15_000)))
    throw new WeirError('DOWN_FAILED', `process ${running.pid} did not stop in time; see ${log}`)
  if (wasKilled(pidFile))
    throw new WeirError(
      'DOWN_FAILED',
      `process ${running.pid} ended before its work was done; guests may still run. 'weir up' takes them over, then 'weir down' stops them; see ${log}`,
    )
  return 'Stopped'
}

/** Says what will take its time. A data center that does not answer is stopped all the same. */
async function announce(kubeconfig: string, say: (line: string) => void): Promise<void> {
  const { session, close } = await openSession({ kubeconfig }, { io: processIo(), signal: AbortSignal.timeout(3000) })
  try {
    const { items } = await session.client.list(virtualMachineInstance, { signal: session.signal })
    const count = items.filter(({ status }) => status?.phase === 'Running').length
    if (count > 0)
      say(
        `Powering off ${count} ${count === 1 ? 'guest' : 'guests'}; after ${guestGraceMillis / 1000} s those that do not listen are switched off ...`,
      )
  } catch {
    return
  } finally {
    close()
  }
}

import { realpathSync, statfsSync } from 'node:fs'
import { isWeirError, WeirError } from '@weir/base'
import { exitCodeOf, failureText } from '../cli/failure.ts'
import { engineTools, ensureHostPackages } from '../host-packages/host-packages.ts'
import { forgetLeanEnvironment, reportStart } from './detach.ts'
import { holdExclusively } from './exclusive.ts'
import { createJsonLogger, writeToLog } from './log-file.ts'
import { forgetThisProcess, recordThisProcess } from './process-record.ts'
import { createStateDirectory, stateDirectory } from './state-directory.ts'
import type { UpOptions } from './up-command.ts'

/** How long guests may take to power off at `weir down`. */
export const guestGraceMillis = 60_000
/** A start writes less; one that fails with less than that free fails for want of space. */
const minFreeBytes = 1 << 20

/**
 * Runs the data center in this process until a signal: SIGTERM and SIGINT leave guests running, SIGUSR2 powers them off first;
 * signals after the first change nothing. Ends the process, also when the start fails, with exit code 1 then.
 */
export async function upInForeground(options: UpOptions): Promise<never> {
  forgetLeanEnvironment()
  try {
    await runUntilSignalled(options)
    process.exit(0)
  } catch (cause) {
    const error = explain(cause)
    writeToLog(failureText(error))
    await reportStart(
      isWeirError(error, 'UP_ALREADY_RUNNING')
        ? { kind: 'GivesWay' }
        : { kind: 'Failed', message: error instanceof Error ? error.message : String(error) },
    )
    // Parts that have started already would keep the process alive.
    process.exit(exitCodeOf(error))
  }
}

async function runUntilSignalled({ hosts, port, install }: UpOptions): Promise<void> {
  const directory = stateDirectory()
  const logger = createJsonLogger(writeToLog, Date.now)
  await ensureHostPackages(engineTools, { install, say: (line) => logger.info(line) })
  createStateDirectory(directory)
  // Held until the process ends, whatever it still has open by then.
  await holdExclusively(realpathSync(directory.root))
  recordThisProcess(directory.pidFile, 'starting')
  const signalled = firstSignal()
  try {
    const { startDataCenter } = await import('./data-center.ts')
    const dataCenter = await startDataCenter({
      directory,
      logger,
      ...(hosts === undefined ? {} : { hosts }),
      ...(port === undefined ? {} : { port }),
    })
    recordThisProcess(directory.pidFile, 'running')
    await reportStart({ kind: 'Ready' })
    const signal = await signalled
    recordThisProcess(directory.pidFile, 'stopping')
    logger.info('Stopping', { signal })
    await dataCenter.stop(signal === 'SIGUSR2' ? { guestGraceMillis } : {})
  } finally {
    forgetThisProcess(directory.pidFile)
  }
}

/** The first of the signals that stop; from now on none of them ends the process by itself. */
const firstSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT', 'SIGUSR2'] as const) process.on(name, resolve)
  })

/** A full disk by its name: those who meet it say only what they could not write. */
function explain(error: unknown): unknown {
  const { root } = stateDirectory()
  if (!isFull(root)) return error
  return new WeirError(
    'UP_FAILED',
    `the disk of '${root}' is full; free some space, or choose another folder: WEIR_HOME=/some/folder weir up`,
    { cause: error },
  )
}

function isFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize < minFreeBytes
  } catch {
    return false
  }
}

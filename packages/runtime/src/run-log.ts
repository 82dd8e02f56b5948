import type { Logger } from '@weir/base'
import { isConflict, type RunReport } from './run-report.ts'

/** Writes at most one line about a run. */
export type RunLog = (report: RunReport) => void

/**
 * What operators read of a controller: every failure, and why a key is polled, when that is news. A success says nothing that
 * the object's status does not. Remembers one reason for each key that is polled.
 */
export function createRunLog(logger: Logger): RunLog {
  const reasons = new Map<string, string>()
  return ({ error, ...fields }) => {
    const key = `${fields.namespace}/${fields.name}`
    const before = reasons.get(key)
    if (fields.reason === undefined) reasons.delete(key)
    else reasons.set(key, fields.reason)
    switch (fields.outcome) {
      case 'success':
        return
      case 'poll':
        if (fields.reason !== before) logger.info('Nothing will wake this object; looking again later', fields)
        return
      case 'error':
        if (isConflict(error)) logger.info('The object changed meanwhile; trying again', fields)
        else logger.error('Reconcile failed; trying again', error, fields)
        return
      case 'terminal':
        logger.error('Reconcile failed until the object changes', error, fields)
    }
  }
}

/**
 * What every other package stands on: coded errors (one closed table), Kubernetes quantities as branded integers,
 * backoff, and the ports Clock and Logger. Browser-safe: no `node:*`, no global clock or randomness. It knows nothing of Kubernetes objects.
 */
export { backoffMillis, type BackoffPolicy } from './backoff.ts'
export { type Clock, systemClock } from './clock.ts'
export { type ErrorCode, type ErrorFamily, errorTable, type FieldCause, isWeirError, WeirError } from './errors.ts'
export { type LogFields, type Logger, silentLogger } from './logger.ts'
export { type Bytes, type CpuMillis, formatBytes, parseBytes, parseCpuMillis } from './quantity.ts'

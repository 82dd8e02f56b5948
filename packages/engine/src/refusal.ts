import { isWeirError, type WeirError } from '@weir/base'

/** True for what the API has against a write itself: another try brings the same, until somebody changes something. */
export const isRefusal = (error: unknown): error is WeirError =>
  isWeirError(error) && error.family !== 'Unavailable' && error.family !== 'Conflict'

import { getEventListeners } from 'node:events'

/** How many listen for the abort of `signal`: a long-lived one gathers those that were forgotten. */
export const countAbortListeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length

/**
 * The Kubernetes API as typed calls. Words: Transport (the way to a server), Client (verbs on kinds), Reflector (a cache
 * that follows a kind and never dies), Cache (the objects seen last, with indexes). Browser-safe; it decides nothing.
 */
export type { Cache, CacheChange, CacheReader } from './cache.ts'
export { createCache } from './cache.ts'
export type { Client, DeleteOptions, ListOptions, ObjectKey, Patch, WatchOptions } from './client.ts'
export { type Call, open as openAnswer } from './calls.ts'
export { createClient } from './create-client.ts'
export { listPath } from './paths.ts'
export type { Mark } from './progress.ts'
export { createReflector, type Reflector, type ReflectorDeps } from './reflector.ts'
export { compareResourceVersions } from './resource-version.ts'
export type { Transport, TransportRequest, TransportResponse } from './transport.ts'

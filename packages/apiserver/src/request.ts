/** Who asks. */
export interface User {
  readonly name: string
  readonly groups: readonly string[]
}

/** A request as the transport hands it over. Header names are in lower case; `path` has no query. */
export interface ApiRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  /** The identity that the transport proved (a client certificate); absent: the bearer token decides. */
  readonly user?: User
  readonly body: AsyncIterable<Uint8Array>
  /** Aborts when the client is gone or the server stops. */
  readonly signal: AbortSignal
}

/** The answer. A string goes out whole; an iterable goes out item by item, each flushed (watch streams, large lists). */
export interface ApiResponse {
  readonly code: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | AsyncIterable<string>
}

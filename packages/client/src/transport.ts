/** A request to an API server. `path` starts with '/' and carries the query. Header names are in lower case. */
export interface TransportRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | AsyncIterable<Uint8Array>
  readonly signal?: AbortSignal
}

/** An answer; `body` streams and must be read or aborted. Header names are in lower case. */
export interface TransportResponse {
  readonly code: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * The way to an API server: HTTPS, in-process, or a browser's fetch. Any answer of the server resolves; `request` rejects
 * only when there was none, with CLIENT_UNREACHABLE, or with the signal's reason.
 */
export interface Transport {
  request(request: TransportRequest): Promise<TransportResponse>
}

/** A two-way stream of bytes to a client (the payload of WebSocket messages, one item a message). */
export interface ByteChannel {
  /** The subprotocol agreed with the client, '' if none. */
  readonly protocol: string
  /** Ends when the client closes or is lost. One reader. */
  readonly incoming: AsyncIterable<Uint8Array>
  /** Resolves when the bytes were handed to the connection; waits while the client reads slowly. Rejects once closed. */
  send(bytes: Uint8Array): Promise<void>
  /** Closes towards the client; repeated calls do nothing. `code` is a WebSocket close code. */
  close(code?: number, reason?: string): void
}

/** A request that has been authenticated and authorized, for a resource that an extension serves. */
export interface ExtensionCall {
  readonly method: string
  readonly resource: string
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
  /** What follows the subresource in the path, without a leading slash; '' mostly. */
  readonly tail: string
  readonly query: ReadonlyMap<string, string>
  readonly headers: Readonly<Record<string, string>>
  readonly user: string
  readonly body: AsyncIterable<Uint8Array>
  readonly signal: AbortSignal
}

/** What an extension answers: a JSON value, or (only to a WebSocket handshake) a conversation. */
export type ExtensionAnswer =
  | { readonly kind: 'Json'; readonly code: number; readonly body: unknown }
  | { readonly kind: 'Channel'; readonly protocols: readonly string[]; readonly run: (channel: ByteChannel) => Promise<void> }

/** A resource of an extension, as discovery shows it: `virtualmachines/start`, verbs `update`. */
export interface ExtensionResource {
  /** `plural` or `plural/subresource`. */
  readonly name: string
  readonly kind: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
}

/**
 * A group that code serves instead of the store, as an aggregated API server does (`subresources.kubevirt.io/v1`,
 * `upload.cdi.kubevirt.io/v1beta1`). The API server authenticates and authorizes before it calls `handle`.
 * Errors thrown as `WeirError` become a `Status` by their family.
 */
export interface ApiExtension {
  readonly group: string
  readonly version: string
  readonly resources: readonly ExtensionResource[]
  handle(call: ExtensionCall): Promise<ExtensionAnswer>
}

/**
 * An endpoint beside the API that checks its own bearer token (CDI's upload proxy: `/v1beta1/upload`). A body that is no string goes
 * out item by item.
 */
export interface RawRoute {
  readonly path: string
  handle(call: {
    readonly method: string
    readonly headers: Readonly<Record<string, string>>
    readonly query: ReadonlyMap<string, string>
    readonly body: AsyncIterable<Uint8Array>
    readonly signal: AbortSignal
  }): Promise<{ readonly code: number; readonly body: string | AsyncIterable<string> }>
}

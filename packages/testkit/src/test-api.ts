import { randomUUID } from 'node:crypto'
import { builtinKinds, crdOf, customKinds } from '@weir/api'
import {
  type AccessRule,
  type ApiServer,
  createApiServer,
  createAuthorizer,
  createTokenAuthenticator,
  inProcessTransport,
} from '@weir/apiserver'
import { type Clock, silentLogger, systemClock } from '@weir/base'
import { type Client, createClient, type Transport } from '@weir/client'
import { createMemoryDriver, openRevisionLog, type RevisionLog } from '@weir/store'

/** A whole API server of this process, with every kind of the product installed. */
export interface TestApi {
  readonly server: ApiServer
  readonly log: RevisionLog
  /** An administrator's. */
  readonly client: Client
  /** The administrator's way to the server, to wrap in faults. */
  readonly transport: Transport
  /** Ends all watches. */
  close(): Promise<void>
}

/** What a test may choose. */
interface TestApiOptions {
  readonly clock?: Clock
  /** User name to what the user may do, beside the administrator who may do all. */
  readonly access?: Readonly<Record<string, readonly AccessRule[]>>
  /** From 0 (inclusive) to 1 (exclusive); Math.random if absent. */
  readonly random?: () => number
}

/** Starts an API server over the memory driver; nothing listens and nothing is written to disk. */
export async function startTestApi({
  clock = systemClock,
  access = {},
  random = Math.random,
}: TestApiOptions = {}): Promise<TestApi> {
  const log = await openRevisionLog(createMemoryDriver())
  const server = createApiServer({
    log,
    clock,
    logger: silentLogger,
    random,
    newUid: randomUUID,
    builtins: builtinKinds,
    extensions: [],
    rawRoutes: [],
    authenticate: createTokenAuthenticator(new Map()),
    authorize: createAuthorizer(access),
  })
  await server.install(customKinds.map(crdOf))
  const transport = inProcessTransport(server, { name: 'admin', groups: ['system:masters'] })
  return {
    server,
    log,
    transport,
    client: createClient(transport),
    close: async () => {
      server.close()
      await log.close()
    },
  }
}

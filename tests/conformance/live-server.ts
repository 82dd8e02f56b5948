import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { builtinKinds, crdOf, customKinds, type KindDefinition } from '@weir/api'
import {
  type AccessRule,
  createApiServer,
  createAuthorizer,
  createTokenAuthenticator,
  ensurePki,
  serveHttps,
  writeKubeconfig,
} from '@weir/apiserver'
import { silentLogger, systemClock } from '@weir/base'
import { createSqliteDriver, openRevisionLog } from '@weir/store'

/** An API server for foreign clients: HTTPS, certificates, SQLite, all kinds, housekeeping at work. */
export interface LiveServer {
  readonly port: number
  /** A kubeconfig of the administrator. */
  readonly kubeconfig: string
  /** The bearer token of one who may read ConfigMaps, and the certificate of the authority. */
  readonly readerToken: string
  readonly caPem: string
  /** Stops it and lets go of its files; its clients lose their connections. */
  readonly close: () => Promise<void>
}

/** What a test may add to the server. */
interface LiveOptions {
  /** Kinds that it serves by itself, beside the product's. */
  readonly kinds?: readonly KindDefinition[]
  /** What bearers of these tokens may do; they are called as their token. */
  readonly users?: Readonly<Record<string, readonly AccessRule[]>>
  /** Hears the path and the method of every request. */
  readonly onRequest?: (path: string, method: string) => void
}

/** Starts the server on the data in `directory`, on `port` or any free one. */
export async function startLiveServer(directory: string, port = 0, options: LiveOptions = {}): Promise<LiveServer> {
  const { kinds = [], users = {}, onRequest } = options
  const readerToken = randomUUID()
  const log = await openRevisionLog(createSqliteDriver(join(directory, 'state.sqlite')))
  const server = createApiServer({
    log,
    clock: systemClock,
    logger: silentLogger,
    random: Math.random,
    newUid: randomUUID,
    builtins: [...builtinKinds, ...kinds],
    extensions: [],
    rawRoutes: [],
    authenticate: createTokenAuthenticator(
      new Map([
        [readerToken, { name: 'reader', groups: ['system:authenticated'] }],
        ...Object.keys(users).map((name) => [name, { name, groups: ['system:authenticated'] }] as const),
      ]),
    ),
    authorize: createAuthorizer({
      reader: [{ groups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }],
      ...users,
    }),
  })
  await server.install(customKinds.map(crdOf))
  const pki = await ensurePki(join(directory, 'pki'), systemClock)
  const heard: typeof server = {
    ...server,
    handle: (request) => {
      onRequest?.(request.path, request.method)
      return server.handle(request)
    },
  }
  const https = await serveHttps({ server: heard, pki, host: '127.0.0.1', port, logger: silentLogger })
  const kubeconfig = join(directory, 'kubeconfig')
  writeKubeconfig(kubeconfig, { server: `https://127.0.0.1:${https.port}`, caPem: pki.caPem, client: pki.admin })
  const stop = new AbortController()
  const housekeeping = server.housekeeping.run(stop.signal)
  return {
    port: https.port,
    kubeconfig,
    readerToken,
    caPem: pki.caPem,
    close: async () => {
      await https.close()
      stop.abort()
      await housekeeping
      server.close()
      await log.close()
    },
  }
}

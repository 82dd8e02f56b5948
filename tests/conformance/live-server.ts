import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { builtinKinds, crdOf, customKinds } from '@weir/api'
import {
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

/** Starts the server on the data in `directory`, on `port` or any free one. */
export async function startLiveServer(directory: string, port = 0): Promise<LiveServer> {
  const readerToken = randomUUID()
  const log = await openRevisionLog(createSqliteDriver(join(directory, 'state.sqlite')))
  const server = createApiServer({
    log,
    clock: systemClock,
    logger: silentLogger,
    random: Math.random,
    newUid: randomUUID,
    builtins: builtinKinds,
    extensions: [],
    rawRoutes: [],
    authenticate: createTokenAuthenticator(new Map([[readerToken, { name: 'reader', groups: ['system:authenticated'] }]])),
    authorize: createAuthorizer({ reader: [{ groups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }] }),
  })
  await server.install(customKinds.map(crdOf))
  const pki = await ensurePki(join(directory, 'pki'), systemClock)
  const https = await serveHttps({ server, pki, host: '127.0.0.1', port, logger: silentLogger })
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

/** The API over HTTPS in a process of its own, as `weir up` serves it: certificates, SQLite with fsync, housekeeping. Sends how to reach it. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { builtinKinds, crdOf, customKinds } from '../../packages/api/src/index.ts'
import { createApiServer, createAuthorizer, ensurePki, serveHttps } from '../../packages/apiserver/src/index.ts'
import { silentLogger, systemClock } from '../../packages/base/src/index.ts'
import { createSqliteDriver, openRevisionLog } from '../../packages/store/src/index.ts'
import type { Access } from './https-client.ts'

const directory = process.argv[2] ?? ''
const log = await openRevisionLog(createSqliteDriver(join(directory, 'log.db')))
const server = createApiServer({
  log,
  clock: systemClock,
  logger: silentLogger,
  random: Math.random,
  newUid: randomUUID,
  builtins: builtinKinds,
  extensions: [],
  rawRoutes: [],
  authenticate: () => undefined,
  authorize: createAuthorizer({}),
})
await server.install(customKinds.map(crdOf))
const stop = new AbortController()
const housekeeping = server.housekeeping.run(stop.signal)
const pki = await ensurePki(join(directory, 'pki'), systemClock)
const https = await serveHttps({ server, pki, host: '127.0.0.1', port: 0, logger: silentLogger })
process.send?.({ port: https.port, ca: pki.caPem, cert: pki.admin.certPem, key: pki.admin.keyPem } satisfies Access)

process.on('SIGTERM', () => {
  void https.close().then(async () => {
    stop.abort()
    await housekeeping
    server.close()
    await log.close()
    process.exit()
  })
})

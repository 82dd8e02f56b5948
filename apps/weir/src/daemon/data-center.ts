import { randomUUID } from 'node:crypto'
import { builtinKinds, crdOf, customKinds } from '@weir/api'
import {
  type ApiServer,
  createApiServer,
  createAuthorizer,
  createTokenAuthenticator,
  ensurePki,
  type HttpsServer,
  inProcessTransport,
  serveHttps,
  serveSocket,
  type SocketServer,
  writeKubeconfig,
} from '@weir/apiserver'
import { type Logger, systemClock, WeirError } from '@weir/base'
import { createClient } from '@weir/client'
import { createEngine, createQemuMachines, createVolumes, type Engine, probeKvm } from '@weir/engine'
import { createSqliteDriver, openRevisionLog, type RevisionLog } from '@weir/store'
import { join } from 'node:path'
import { accessRules, engineUser } from './access-rules.ts'
import { readPort, savePort } from './port-file.ts'
import { renewCertificates } from './renew-certificates.ts'
import type { StateDirectory } from './state-directory.ts'
import { readTokens } from './token-file.ts'

/** What a data center is started with. */
export interface DataCenterOptions {
  readonly directory: StateDirectory
  /** Absent: as many as at the last start, one at first. */
  readonly hosts?: number
  /** Absent: the port of the last start, else 6443, else any. */
  readonly port?: number
  readonly logger: Logger
}

/** A running data center of one machine. */
export interface DataCenter {
  readonly url: string
  /** Ends this process's part; guests go on unless `guestGraceMillis` is given: then they are asked to power off first. */
  stop(options: { readonly guestGraceMillis?: number }): Promise<void>
}

const version = 'v1.35.0+weir-embedded'
const defaultPort = 6443

/**
 * Brings the data center up; resolves when the API answers, the hosts are registered and what ran before is adopted.
 * @throws UP_FAILED if the port is taken; UP_HOSTS_IN_USE if the guests do not fit on so few hosts. Guests run on either way.
 */
export async function startDataCenter({ directory, hosts, port, logger }: DataCenterOptions): Promise<DataCenter> {
  const clock = systemClock
  const tokens = readTokens(directory.tokens)
  const [pki, log, kvm] = await Promise.all([
    ensurePki(directory.pki, clock),
    openRevisionLog(createSqliteDriver(directory.database)),
    probeKvm({ cacheFile: join(directory.cache, 'kvm.json'), clock, forced: process.env['WEIR_ACCEL'] }),
  ])
  const machines = createQemuMachines({
    directory: directory.machines,
    clock,
    logger,
    accelerator: kvm.usable ? 'kvm' : 'tcg',
    ...(kvm.groupId === undefined ? {} : { kvmGroupId: kvm.groupId }),
  })
  const engine = createEngine({
    clock,
    logger,
    random: Math.random,
    volumes: createVolumes({ directory: directory.volumes, newId: randomUUID }),
    machines,
    kvm,
    hosts,
    version,
  })
  const server = createApiServer({
    log,
    clock,
    logger,
    random: Math.random,
    newUid: randomUUID,
    builtins: builtinKinds,
    extensions: engine.extensions,
    rawRoutes: engine.rawRoutes,
    authenticate: createTokenAuthenticator(tokens),
    authorize: createAuthorizer(accessRules),
  })
  await server.install(customKinds.map(crdOf))
  const stopping = new AbortController()
  const https = await listen(directory, port, (wanted) => serveHttps({ server, pki, host: '127.0.0.1', port: wanted, logger }))
  const url = `https://127.0.0.1:${https.port}`
  const housekeeping = Promise.all([
    server.housekeeping.run(stopping.signal),
    renewCertificates({ directory, pki, https, url, clock, logger }, stopping.signal),
  ])
  const socket = await listenLocally(directory, engine, logger)
  const running: Running = {
    engine,
    https,
    socket,
    server,
    log,
    closeMachines: async () => machines.close(),
    housekeeping,
    stopping,
  }
  try {
    await engine.start(createClient(inProcessTransport(server, engineUser)), { uploadUrl: url })
  } catch (error) {
    await stop(running, {})
    throw error
  }
  writeKubeconfig(directory.kubeconfig, { server: url, caPem: pki.caPem, client: pki.admin })
  savePort(directory.portFile, https.port)
  logger.info('The data center is up', { url, accelerator: kvm.usable ? 'kvm' : 'tcg', reason: kvm.reason })
  return {
    url,
    stop: async (options) => stop(running, options),
  }
}

interface Running {
  readonly engine: Engine
  readonly https: HttpsServer
  readonly socket: SocketServer | undefined
  readonly server: ApiServer
  readonly log: RevisionLog
  readonly closeMachines: () => Promise<void>
  readonly housekeeping: Promise<unknown>
  readonly stopping: AbortController
}

/** Ends the parts from the outside in. */
async function stop(running: Running, { guestGraceMillis }: { readonly guestGraceMillis?: number }): Promise<void> {
  await running.engine.stop()
  if (guestGraceMillis !== undefined) await running.engine.shutDownGuests(guestGraceMillis)
  running.stopping.abort()
  await Promise.all([running.https.close(), running.socket?.close()])
  await running.housekeeping
  running.server.close()
  await running.closeMachines()
  await running.log.close()
}

/**
 * Serves on the port asked for, else on that of the last start, so that a kubeconfig stays good over restarts; at the first
 * start on the usual one, or any if that is taken. @throws UP_FAILED if the port is taken.
 */
async function listen(
  { portFile }: StateDirectory,
  asked: number | undefined,
  serve: (port: number) => Promise<HttpsServer>,
): Promise<HttpsServer> {
  const wanted = asked ?? readPort(portFile)
  try {
    return await serve(wanted ?? defaultPort)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause
    if (wanted === undefined) return serve(0)
    throw new WeirError(
      'UP_FAILED',
      `port ${wanted} of 127.0.0.1 is taken by another program; stop it, or choose another: weir up --port N`,
      { cause },
    )
  }
}

/** The length of a path that fits an address (unix(7), `sun_path`). */
const socketPathMax = 107

/** Serves files of this machine; undefined if that cannot be: then they are uploaded as from anywhere. */
async function listenLocally(
  { uploadSocket }: StateDirectory,
  { localRoutes }: Engine,
  logger: Logger,
): Promise<SocketServer | undefined> {
  try {
    if (Buffer.byteLength(uploadSocket) > socketPathMax) throw new Error(`the path is longer than ${socketPathMax} bytes`)
    return await serveSocket({ path: uploadSocket, routes: localRoutes, logger })
  } catch (error) {
    const reason = error instanceof Error ? error.message : ''
    logger.warn('Files of this machine are uploaded by HTTPS', { path: uploadSocket, reason })
    return undefined
  }
}

import { cpus, totalmem } from 'node:os'
import { type ApiExtension, cdiConfig, type RawRoute, storageClass } from '@weir/api'
import { type Clock, isWeirError, type Logger } from '@weir/base'
import type { Client } from '@weir/client'
import { createManager, type ManagerContext } from '@weir/runtime'
import { localStorageClass } from './claim/reconcile-claim.ts'
import { type ImportImage, importImage } from './data-volume/import-image.ts'
import { createTransfers } from './data-volume/transfers.ts'
import { engineControllers } from './engine-controllers.ts'
import { arrangeHosts } from './host/arrange-hosts.ts'
import type { MachineResources } from './host/host-node.ts'
import { createNodeAgent, type NodeAgent } from './host/node-agent.ts'
import type { KvmVerdict } from './kvm/probe-kvm.ts'
import type { Machines } from './machine/machine.ts'
import { createSubresources } from './subresources/subresources.ts'
import { handOverRoute } from './upload/hand-over.ts'
import { createUploadTokens } from './upload/tokens.ts'
import { uploadRoute, uploadTokenExtension } from './upload/upload.ts'
import { findFreePort } from './virtual-machine-instance/ports.ts'
import type { Volumes } from './volume/volumes.ts'

/** What an engine stands on. */
export interface EngineDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
  readonly volumes: Volumes
  readonly machines: Machines
  readonly kvm: KvmVerdict
  /** How many hosts the machine is cut into. Absent: as many as before, one at first. */
  readonly hosts: number | undefined
  readonly version: string
  /** What the machine has; what it tells of itself if absent. */
  readonly resources?: MachineResources
  /** The name of the first host; the machine's host name if absent. */
  readonly machineName?: string
  /** How images get into volumes; over http and https if absent. */
  readonly importImage?: ImportImage
}

/** This machine as hosts of the fabric. */
export interface Engine {
  /** What the API server serves on the engine's behalf. */
  readonly extensions: readonly ApiExtension[]
  readonly rawRoutes: readonly RawRoute[]
  /** For a socket to which only this process's own user and root can connect. */
  readonly localRoutes: readonly RawRoute[]
  /** Registers the hosts, adopts what runs, and begins to reconcile. Resolves when the hosts are ready. */
  start(client: Client, access: { readonly uploadUrl: string }): Promise<void>
  /** Lets go of everything without touching a guest. */
  stop(): Promise<void>
  /** After `stop`: asks every guest to power off, and ends those that take longer than `graceMillis`. */
  shutDownGuests(graceMillis: number): Promise<void>
}

/** The engine over its ports; it has begun nothing yet. */
export function createEngine(deps: EngineDeps): Engine {
  const { clock, logger, random, machines, volumes } = deps
  const transfers = createTransfers({ clock, logger })
  const tokens = createUploadTokens(clock)
  const stopping = new AbortController()
  let context: ManagerContext | undefined
  let running: Promise<unknown> = Promise.resolve()
  const started = (): ManagerContext => {
    if (context === undefined) throw new Error('the engine has not been started')
    return context
  }
  const uploads = { context: started, volumes, transfers, tokens }
  return {
    extensions: [createSubresources(() => ({ client: started().client, machines })), uploadTokenExtension(uploads)],
    rawRoutes: [uploadRoute(uploads)],
    localRoutes: [handOverRoute(uploads)],
    start: async (client, { uploadUrl }) => {
      for (const damage of await volumes.start()) logger.error('A volume cannot be used', damage)
      await machines.adopt()
      await ensureStorage(client, uploadUrl)
      const agents = await createAgents(deps, client, stopping.signal)
      const manager = createManager({
        client,
        clock,
        logger,
        random,
        controllers: (made) =>
          engineControllers({
            ...deps,
            context: made,
            transfers,
            agents,
            importImage: deps.importImage ?? importImage,
            freePort: findFreePort,
          }),
      })
      context = manager
      await Promise.all(agents.map((agent) => agent.register(stopping.signal)))
      running = Promise.all([manager.run(stopping.signal), ...agents.map(({ heartbeat }) => heartbeat.run(stopping.signal))])
    },
    stop: async () => {
      stopping.abort(new Error('the engine stops'))
      await transfers.stop()
      await running
    },
    shutDownGuests: (graceMillis) => shutDownGuests(deps, graceMillis),
  }
}

/** An agent for each host that is wanted. @throws UP_HOSTS_IN_USE */
async function createAgents(deps: EngineDeps, client: Client, signal: AbortSignal): Promise<readonly NodeAgent[]> {
  const { logger, clock, kvm, version, hosts, machineName, machines, volumes } = deps
  const resources = deps.resources ?? { cpuCount: cpus().length, memoryBytes: totalmem() }
  const named = machineName === undefined ? {} : { machineName }
  const shares = await arrangeHosts({ client, logger, count: hosts, resources, kvm, version, ...named }, signal)
  return shares.map((share) => createNodeAgent({ client, clock, logger, share, machines, volumes }))
}

/** The storage class of this machine's disk, and where uploads go. */
async function ensureStorage(client: Client, uploadUrl: string): Promise<void> {
  const ignore = (error: unknown): void => {
    if (!isWeirError(error, 'API_ALREADY_EXISTS')) throw error
  }
  await client
    .create(storageClass, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: localStorageClass, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'local.weir.dev',
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'Immediate',
    })
    .catch(ignore)
  await client
    .create(cdiConfig, { apiVersion: 'cdi.kubevirt.io/v1beta1', kind: 'CDIConfig', metadata: { name: 'config' }, spec: {} })
    .catch(ignore)
  await client.patch(
    cdiConfig,
    { name: 'config' },
    {
      type: 'merge',
      subresource: 'status',
      body: { status: { uploadProxyURL: uploadUrl, scratchSpaceStorageClass: localStorageClass } },
    },
  )
}

async function shutDownGuests({ machines, clock }: EngineDeps, graceMillis: number): Promise<void> {
  const alive = (): readonly string[] => machines.list().filter((id) => (machines.state(id)?.phase ?? 'Exited') !== 'Exited')
  const deadline = clock.now() + graceMillis
  // A guest that is still booting does not hear the first request.
  for (let asked = Number.NEGATIVE_INFINITY; alive().length > 0 && clock.now() < deadline; await clock.sleep(100)) {
    if (clock.now() - asked < repeatMillis) continue
    asked = clock.now()
    await Promise.allSettled(alive().map(async (id) => askToPowerOff(machines, id)))
  }
  await Promise.all(alive().map(async (id) => machines.kill(id)))
}

const repeatMillis = 3000

async function askToPowerOff(machines: Machines, id: string): Promise<void> {
  if (machines.state(id)?.phase === 'Paused') await machines.unpause(id)
  await machines.powerDown(id)
}

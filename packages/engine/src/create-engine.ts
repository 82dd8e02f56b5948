import { type ApiExtension, cdiConfig, type RawRoute, storageClass } from '@weir/api'
import { type Clock, isWeirError, type Logger } from '@weir/base'
import type { Client } from '@weir/client'
import { type Controller, createEventRecorder, createManager, type ManagerContext } from '@weir/runtime'
import { claimController, localStorageClass } from './claim/reconcile-claim.ts'
import { dataVolumeController } from './data-volume/reconcile-data-volume.ts'
import { createTransfers } from './data-volume/transfers.ts'
import type { KvmVerdict } from './kvm/probe-kvm.ts'
import type { Machines } from './machine/machine.ts'
import { hostNames, registerHosts } from './node/hosts.ts'
import { createSubresources } from './subresources/subresources.ts'
import { createUploadTokens } from './upload/tokens.ts'
import { uploadRoute, uploadTokenExtension } from './upload/upload.ts'
import { instanceController } from './virtual-machine-instance/reconcile-instance.ts'
import { abandonedImportController } from './virtual-machine/abandoned-import.ts'
import { virtualMachineController } from './virtual-machine/reconcile-machine.ts'
import { createVolumes } from './volume/volumes.ts'

export interface EngineDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
  readonly newId: () => string
  readonly volumesDirectory: string
  readonly machines: Machines
  readonly kvm: KvmVerdict
  readonly hosts: number
  readonly version: string
}

/** This machine as hosts of the fabric. */
export interface Engine {
  /** What the API server serves on the engine's behalf. */
  readonly extensions: readonly ApiExtension[]
  readonly rawRoutes: readonly RawRoute[]
  /** Registers the hosts, adopts what runs, and begins to reconcile. Resolves when the hosts are ready. */
  start(client: Client, access: { readonly uploadUrl: string }): Promise<void>
  /** Lets go of everything without touching a guest. */
  stop(): Promise<void>
  /** After `stop`: asks every guest to power off, and ends those that take longer than `graceMillis`. */
  shutDownGuests(graceMillis: number): Promise<void>
}

/** The engine over its ports; it has begun nothing yet. */
export function createEngine(deps: EngineDeps): Engine {
  const { clock, logger, random, machines } = deps
  const volumes = createVolumes({ directory: deps.volumesDirectory, newId: deps.newId })
  const transfers = createTransfers({ clock, logger })
  const tokens = createUploadTokens(clock)
  const ours = new Set(hostNames(deps.hosts))
  const stopping = new AbortController()
  let context: ManagerContext | undefined
  let running: Promise<void> = Promise.resolve()
  const started = (): ManagerContext => {
    if (context === undefined) throw new Error('the engine has not been started')
    return context
  }
  const uploads = { context: started, volumes, transfers, tokens }

  const controllersOf = (made: ManagerContext): readonly Controller[] => {
    const events = createEventRecorder({ client: made.client, clock, logger, component: 'weir-engine' })
    return [
      claimController({ context: made, clock, volumes, transfers }),
      dataVolumeController({ context: made, clock, events, volumes, transfers }),
      virtualMachineController({ context: made, clock, events }),
      abandonedImportController({ context: made, clock, events }),
      instanceController({ context: made, clock, events, volumes, machines, isOurs: (name) => ours.has(name) }),
    ]
  }
  return {
    extensions: [createSubresources(() => ({ client: started().client, machines })), uploadTokenExtension(uploads)],
    rawRoutes: [uploadRoute(uploads)],
    start: async (client, { uploadUrl }) => {
      await volumes.start()
      await machines.adopt()
      const manager = createManager({ client, clock, logger, random, controllers: controllersOf })
      context = manager
      await Promise.all([
        ensureStorage(client, uploadUrl),
        registerHosts({ client, clock, logger, count: deps.hosts, kvm: deps.kvm, version: deps.version }, stopping.signal),
      ])
      running = manager.run(stopping.signal)
    },
    stop: async () => {
      stopping.abort(new Error('the engine stops'))
      await transfers.stop()
      await running
    },
    shutDownGuests: (graceMillis) => shutDownGuests(deps, graceMillis),
  }
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

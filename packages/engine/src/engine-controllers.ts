import { virtualMachineInstance } from '@weir/api'
import type { Clock, Logger } from '@weir/base'
import { type Controller, createEventRecorder, type ManagerContext } from '@weir/runtime'
import { claimController } from './claim/reconcile-claim.ts'
import type { ImportImage } from './data-volume/import-image.ts'
import { dataVolumeController } from './data-volume/reconcile-data-volume.ts'
import type { Transfers } from './data-volume/transfers.ts'
import type { NodeAgent } from './host/node-agent.ts'
import type { Machines } from './machine/machine.ts'
import { nodeLifecycleController } from './node-lifecycle/reconcile-lifecycle.ts'
import { createLedger } from './placement/ledger.ts'
import { placementController } from './placement/reconcile-placement.ts'
import { createPortPool } from './virtual-machine-instance/ports.ts'
import { unownedMachinesController } from './virtual-machine-instance/unowned-machines.ts'
import { abandonedImportController } from './virtual-machine/abandoned-import.ts'
import { virtualMachineController } from './virtual-machine/reconcile-machine.ts'
import type { Volumes } from './volume/volumes.ts'

/** What the controllers of an engine stand on. */
export interface ControllersDeps {
  readonly context: ManagerContext
  readonly clock: Clock
  readonly logger: Logger
  readonly machines: Machines
  readonly volumes: Volumes
  readonly transfers: Transfers
  readonly importImage: ImportImage
  /** A port of the loopback that nobody listens on. */
  readonly freePort: () => Promise<number>
  readonly agents: readonly NodeAgent[]
}

/** Everything that reconciles: what belongs to the fabric as a whole, then each host's agent. */
export function engineControllers(deps: ControllersDeps): readonly Controller[] {
  const { context, clock, logger, machines, volumes, transfers, importImage, agents, freePort } = deps
  const events = createEventRecorder({ client: context.client, clock, logger, component: 'weir-engine' })
  const instances = context.cacheOf(virtualMachineInstance)
  const ports = createPortPool(instances, freePort)
  return [
    claimController({ context, clock, volumes, transfers }),
    dataVolumeController({ context, clock, events, volumes, transfers, importImage }),
    virtualMachineController({ context, clock, events }),
    abandonedImportController({ context, clock, events }),
    placementController({ context, clock, events, ledger: createLedger(instances) }),
    nodeLifecycleController({ context, clock, events }),
    unownedMachinesController({ context, clock, logger, machines }),
    ...agents.flatMap((agent) => agent.controllers(context, ports)),
  ]
}

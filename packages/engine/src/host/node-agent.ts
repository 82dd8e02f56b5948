import type { Clock, LogFields, Logger } from '@weir/base'
import type { Client } from '@weir/client'
import { type Controller, createEventRecorder, type ManagerContext } from '@weir/runtime'
import type { Machines } from '../machine/machine.ts'
import { machineAgentController } from '../virtual-machine-instance/machine-agent.ts'
import type { PortPool } from '../virtual-machine-instance/ports.ts'
import type { Volumes } from '../volume/volumes.ts'
import { createHeartbeat, type Heartbeat } from './heartbeat.ts'
import type { HostShare } from './host-node.ts'
import { hostController, registerHost } from './reconcile-host.ts'

/** What an agent stands on. `machines`, `volumes` and ports are of the whole machine: the agent uses those of its instances. */
export interface NodeAgentDeps {
  readonly client: Client
  readonly clock: Clock
  readonly logger: Logger
  readonly share: HostShare
  readonly machines: Machines
  readonly volumes: Volumes
}

/**
 * The agent of one host, as a kubelet and a virt-handler are for theirs: it registers the Node, renews its Lease, and runs the
 * instances bound to it. It touches no object that is bound to another host.
 */
export interface NodeAgent {
  readonly host: string
  /** Registers the host and renews its Lease for the first time. */
  register(signal: AbortSignal): Promise<void>
  readonly heartbeat: Heartbeat
  /** Its reconcilers, each with a queue of its own: a slow host holds up no other. */
  controllers(context: ManagerContext, ports: PortPool): readonly Controller[]
}

/** An agent that has not begun. */
export function createNodeAgent({ client, clock, logger, share, machines, volumes }: NodeAgentDeps): NodeAgent {
  const host = share.name
  const ownLogger = withFields(logger, { host })
  const heartbeat = createHeartbeat({ client, clock, logger: ownLogger, host })
  return {
    host,
    register: (signal) => registerHost({ client, clock, heartbeat, share }, signal),
    heartbeat,
    controllers: (context, ports) => {
      const events = createEventRecorder({
        client: context.client,
        clock,
        logger: ownLogger,
        component: 'weir-node-agent',
        host,
      })
      return [
        hostController({ context, clock, heartbeat, share }),
        machineAgentController({ context, clock, events, volumes, machines, ports, host }),
      ]
    },
  }
}

/** `logger` with `fields` in every line. */
const withFields = (logger: Logger, fields: LogFields): Logger => ({
  info: (message, more) => logger.info(message, { ...fields, ...more }),
  warn: (message, more) => logger.warn(message, { ...fields, ...more }),
  error: (message, error, more) => logger.error(message, error, { ...fields, ...more }),
})

import { createServer } from 'node:net'
import type { VirtualMachineInstance, VirtualMachineInstanceStatus } from '@weir/api'
import type { CacheReader } from '@weir/client'
import type { PortForward } from '../machine/machine.ts'

type Interfaces = NonNullable<VirtualMachineInstanceStatus['interfaces']>

/** The ports of this machine's loopback through which guests are reached; one pool for all hosts of the machine. */
export interface PortPool {
  /** The interfaces of an instance with a port of the host for each port of the guest: those it has already, and new ones. */
  allocate(instance: VirtualMachineInstance): Promise<Interfaces>
}

/** A port of the loopback that nobody listens on now. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** The pool of a cache: a port is taken from when it is given out until its instance is gone. Asked again, it answers the same. */
export function createPortPool(cache: CacheReader<VirtualMachineInstance>, freePort: () => Promise<number>): PortPool {
  const taken = new Set<number>()
  /** By uid of the instance, then by what the port is for. */
  const held = new Map<string, Map<string, number>>()
  const hold = (uid: string, purpose: string, port: number): void => {
    taken.add(port)
    held.set(uid, (held.get(uid) ?? new Map<string, number>()).set(purpose, port))
  }
  const release = (uid: string): void => {
    for (const port of held.get(uid)?.values() ?? []) taken.delete(port)
    held.delete(uid)
  }
  const put = ({ metadata, status }: VirtualMachineInstance): void => {
    for (const { name = '', ports = [] } of status?.interfaces ?? [])
      for (const { port, protocol = 'TCP', hostPort } of ports)
        if (hostPort !== undefined) hold(metadata.uid ?? '', purposeOf(name, port, protocol), hostPort)
  }
  cache.subscribe(({ kind, object, previous }) => {
    const replaced = previous?.metadata.uid
    if (replaced !== undefined && (kind === 'Delete' || replaced !== object.metadata.uid)) release(replaced)
    if (kind === 'Put') put(object)
  })
  cache.list().forEach(put)
  const take = async (uid: string, purpose: string): Promise<number> => {
    const before = held.get(uid)?.get(purpose)
    if (before !== undefined) return before
    for (;;) {
      const port = await freePort()
      if (taken.has(port)) continue
      hold(uid, purpose, port)
      return port
    }
  }
  return {
    allocate: async (instance) => {
      const result: Interfaces[number][] = []
      for (const { name, ports = [] } of instance.spec.domain.devices.interfaces ?? []) {
        const known = instance.status?.interfaces?.find((each) => each.name === name)
        const allocated = []
        for (const { name: label, port, protocol = 'TCP' } of ports) {
          const before = known?.ports?.find((each) => each.port === port && each.protocol === protocol)?.hostPort
          const hostPort = before ?? (await take(instance.metadata.uid ?? '', purposeOf(name, port, protocol)))
          allocated.push({ ...(label === undefined ? {} : { name: label }), port, protocol, hostPort })
        }
        result.push({ ...known, name, ...(allocated.length === 0 ? {} : { ports: allocated }) })
      }
      return result
    },
  }
}

const purposeOf = (name: string, port: number, protocol: string): string => `${name}/${port}/${protocol}`

/** The port forwards of each interface, as the machine wants them. */
export const forwardsOf = (interfaces: Interfaces): ReadonlyMap<string, readonly PortForward[]> =>
  new Map(
    interfaces.map(({ name = '', ports = [] }) => [
      name,
      ports.map(({ port, protocol, hostPort = 0 }) => ({
        protocol: protocol?.toUpperCase() === 'UDP' ? ('udp' as const) : ('tcp' as const),
        hostPort,
        guestPort: port,
      })),
    ]),
  )

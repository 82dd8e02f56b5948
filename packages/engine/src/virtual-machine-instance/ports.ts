import { createServer } from 'node:net'
import type { VirtualMachineInstance, VirtualMachineInstanceStatus } from '@weir/api'
import type { PortForward } from '../machine/machine.ts'

type Interfaces = NonNullable<VirtualMachineInstanceStatus['interfaces']>

/** A port of the loopback that nobody has now and that is none of `taken`. */
async function freePort(taken: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const port = await new Promise<number>((resolve, reject) => {
      const server = createServer()
      server.once('error', reject)
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
      })
    })
    if (!taken.has(port)) return port
  }
}

/** The interfaces of an instance with a port of the host for each port of the guest: those it has already, and new ones. */
export async function allocatePorts(
  instance: VirtualMachineInstance,
  others: readonly VirtualMachineInstance[],
): Promise<Interfaces> {
  const taken = new Set(
    others.flatMap(({ status }) =>
      (status?.interfaces ?? []).flatMap(({ ports = [] }) => ports.map(({ hostPort = 0 }) => hostPort)),
    ),
  )
  const result: Interfaces[number][] = []
  for (const { name, ports = [] } of instance.spec.domain.devices.interfaces ?? []) {
    const known = instance.status?.interfaces?.find((each) => each.name === name)
    const allocated = []
    for (const wanted of ports) {
      const before = known?.ports?.find(({ port, protocol }) => port === wanted.port && protocol === (wanted.protocol ?? 'TCP'))
      const hostPort = before?.hostPort ?? (await freePort(taken))
      taken.add(hostPort)
      allocated.push({
        ...(wanted.name === undefined ? {} : { name: wanted.name }),
        port: wanted.port,
        protocol: wanted.protocol ?? 'TCP',
        hostPort,
      })
    }
    result.push({ ...known, name, ...(allocated.length === 0 ? {} : { ports: allocated }) })
  }
  return result
}

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

import type { VirtualMachineInstance, VirtualMachineInstanceStatus } from '@weir/api'
import type { Machines } from '../machine/machine.ts'
import { lifelongUid } from './instance-spec.ts'
import { macOf } from './machine-spec.ts'

/** What the guest agent says; nothing if it does not answer. */
export async function guestStatus(
  machines: Machines,
  instance: VirtualMachineInstance,
): Promise<Pick<VirtualMachineInstanceStatus, 'interfaces' | 'guestOSInfo'>> {
  const uid = instance.metadata.uid ?? ''
  const info = await machines.guestInfo(uid).catch(() => undefined)
  if (info === undefined) return {}
  const addresses = info.addresses.filter((address) => !address.startsWith('127.') && address !== '::1')
  const [first, ...rest] = instance.status?.interfaces ?? []
  const own =
    first === undefined
      ? []
      : [
          {
            ...first,
            ...(addresses[0] === undefined ? {} : { ipAddress: addresses[0], ipAddresses: addresses }),
            mac: instance.spec.domain.devices.interfaces?.[0]?.macAddress ?? macOf(lifelongUid(instance), first.name ?? ''),
            infoSource: 'domain, guest-agent',
          },
        ]
  return { interfaces: [...own, ...rest], ...(info.osName === undefined ? {} : { guestOSInfo: { name: info.osName } }) }
}

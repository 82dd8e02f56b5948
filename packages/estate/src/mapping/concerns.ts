import type { SourceMachine } from '../hardware.ts'
import { toLabel } from './names.ts'

/** Something about a machine that its owner should know before it moves. `id` is Forklift's where it has one. */
export interface Concern {
  readonly id: string
  readonly severity: 'Critical' | 'Warning' | 'Information'
  readonly message: string
  readonly remedy: string
}

type Check = (machine: SourceMachine) => Concern | undefined

const concern = (id: string, severity: Concern['severity'], texts: readonly [message: string, remedy: string]): Concern => ({
  id,
  severity,
  message: texts[0],
  remedy: texts[1],
})
const gibibyte = 2 ** 30

const checks: readonly Check[] = [
  ({ name }) =>
    toLabel(name, 'machine') === name
      ? undefined
      : concern('ova.vm.name.invalid', 'Warning', [
          `The name '${name}' is no DNS-1123 label; the machine is called '${toLabel(name, 'machine')}'.`,
          'Choose another with --name.',
        ]),
  ({ disks }) =>
    disks.some(({ capacityBytes }) => capacityBytes <= 0)
      ? concern('ova.disk.capacity.invalid', 'Critical', ['A disk has no capacity.', 'Export the appliance again.'])
      : undefined,
  ({ disks }) =>
    disks.length > 165
      ? concern('ova.disk.count.exceeds.limit', 'Warning', [
          `The machine has ${disks.length} disks; 165 can be attached.`,
          'Merge or detach disks.',
        ])
      : undefined,
  ({ disks }) =>
    disks.some(({ capacityBytes }) => capacityBytes > 6144 * gibibyte)
      ? concern('disk.large', 'Warning', [
          'A disk is larger than 6 TiB; its copy takes long.',
          'Plan the window by the rate that is shown.',
        ])
      : undefined,
  ({ hotAdd }) =>
    hotAdd
      ? concern('ova.cpu_memory.hotplug.enabled', 'Warning', [
          'CPU or memory hot-add was on; it is not carried over.',
          'Change cpu and memory in the spec, then restart the machine.',
        ])
      : undefined,
  ({ vtpm }) =>
    vtpm
      ? concern('vmware.tpm.detected', 'Warning', [
          'The content of the virtual TPM does not move.',
          'Have recovery keys at hand (BitLocker).',
        ])
      : undefined,
  ({ passthroughCount }) =>
    passthroughCount > 0
      ? concern('vmware.passthrough_device.detected', 'Critical', [
          `${passthroughCount} passthrough device(s) do not move.`,
          'Remove them from the source, or plan host devices.',
        ])
      : undefined,
  ({ usb }) =>
    usb
      ? concern('vmware.usb_controller.detected', 'Warning', [
          'USB devices are not attached.',
          'Attach them again on the new host if they are needed.',
        ])
      : undefined,
  ({ dropped }) =>
    dropped.length > 0
      ? concern('device.dropped', 'Information', [
          `These devices are left behind: ${dropped.join(', ')}.`,
          'Nothing to do unless the guest needs one.',
        ])
      : undefined,
  ({ firmware }) =>
    firmware === 'efi'
      ? concern('firmware.nvram', 'Information', [
          'EFI boot entries do not move.',
          String.raw`The disk must boot by \EFI\BOOT\BOOTX64.EFI.`,
        ])
      : undefined,
  ({ guestId }) =>
    /^(?:winXP|winNet|win2000|rhel5|centos5|rhel4|debian[45]|sles10)/u.test(guestId)
      ? concern('guest.os_eol', 'Warning', [
          `'${guestId}' is past its end of life and may lack virtio drivers.`,
          'Import with --compatibility to use SATA and e1000e.',
        ])
      : undefined,
  ({ guestId }) =>
    /^win/iu.test(guestId)
      ? concern('guest.windows.drivers', 'Warning', [
          'Windows boots from virtio only with its drivers installed.',
          'Disks are attached by SATA; switch after installing virtio-win.',
        ])
      : undefined,
  ({ nics }) =>
    nics.length > 1
      ? concern('network.many', 'Information', [
          `All ${nics.length} network cards join the pod network here.`,
          'Map networks with --network-map on a cluster with Multus.',
        ])
      : undefined,
]

/** Every concern about `machine`, critical ones first. Pure. */
export function concernsOf(machine: SourceMachine): readonly Concern[] {
  const order = ['Critical', 'Warning', 'Information']
  const found = checks.flatMap((check) => check(machine) ?? [])
  return found.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
}

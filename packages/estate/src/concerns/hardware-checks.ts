import type { MachineCheck } from './concern.ts'
import { gibibytes } from './format.ts'

/** What processors, memory and devices bring. */
export const hardwareChecks: readonly MachineCheck[] = [
  {
    id: 'cpu_affinity.detected',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ cpu }) => (cpu.hasAffinity === true ? 'It is pinned to physical CPUs.' : undefined),
  },
  {
    id: 'cpu_memory.hotplug.enabled',
    severity: 'Warning',
    effortHours: 0.25,
    find: ({ cpu, memory }) => {
      const parts = [...(cpu.isHotAddEnabled === true ? ['CPU'] : []), ...(memory.isHotAddEnabled === true ? ['memory'] : [])]
      return parts.length === 0 ? undefined : `Hot add is on for ${parts.join(' and ')}.`
    },
  },
  {
    id: 'fit.latency_sensitive',
    severity: 'Warning',
    effortHours: 1,
    find: ({ latencySensitivity }) =>
      /high/iu.test(latencySensitivity ?? '') ? `Its latency sensitivity is '${latencySensitivity}'.` : undefined,
  },
  {
    id: 'fit.reservation',
    severity: 'Warning',
    effortHours: 0.25,
    find: ({ memory }) =>
      memory.isReservationLocked === true ||
      (memory.sizeBytes !== undefined && memory.sizeBytes > 0 && memory.reservationBytes === memory.sizeBytes)
        ? 'All of its memory is reserved.'
        : undefined,
  },
  {
    id: 'fit.vcpu_gt_node',
    severity: 'Critical',
    effortHours: 2,
    find: ({ cpu }, { target }) =>
      target !== undefined && (cpu.count ?? 0) > target.cores
        ? `It has ${cpu.count} vCPUs; the largest host has ${target.cores} cores.`
        : undefined,
  },
  {
    id: 'fit.mem_gt_half_node',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ memory }, { target }) =>
      target !== undefined && (memory.sizeBytes ?? 0) > target.memoryBytes / 2
        ? `It has ${gibibytes(memory.sizeBytes ?? 0)}; the largest host has ${gibibytes(target.memoryBytes)}.`
        : undefined,
  },
  {
    id: 'hw.version_old',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ hardwareVersion }) =>
      hardwareVersion !== undefined && hardwareVersion < 7
        ? `Virtual hardware ${hardwareVersion} knows no changed block tracking; 7 does.`
        : undefined,
  },
  {
    id: 'fault_tolerance.enabled',
    severity: 'Information',
    effortHours: 1,
    find: ({ isFaultTolerant }) => (isFaultTolerant === true ? 'Fault tolerance is on.' : undefined),
  },
  {
    id: 'tpm.detected',
    severity: 'Warning',
    effortHours: 1,
    find: ({ hasVtpm }) => (hasVtpm === true ? 'It has a virtual TPM, whose content does not move.' : undefined),
  },
  {
    id: 'vm.encrypted',
    severity: 'Critical',
    effortHours: 2,
    find: ({ isEncrypted }) => (isEncrypted === true ? 'It is encrypted.' : undefined),
  },
  {
    id: 'passthrough_device.detected',
    severity: 'Critical',
    effortHours: 4,
    find: ({ devices }) =>
      countOf(devices.filter(({ type }) => type === 'PciPassthrough' || type === 'Vgpu').length, 'passthrough device'),
  },
  {
    id: 'device.sriov.detected',
    severity: 'Warning',
    effortHours: 2,
    find: ({ devices, nics }) =>
      countOf(
        devices.filter(({ type }) => type === 'Sriov').length +
          nics.filter(({ adapter }) => /sriov/iu.test(adapter ?? '')).length,
        'SR-IOV network card',
      ),
  },
  {
    id: 'usb_controller.detected',
    severity: 'Warning',
    effortHours: 1,
    find: ({ devices }) => countOf(devices.filter(({ type }) => type === 'Usb').length, 'USB device'),
  },
  {
    id: 'cd.connected',
    severity: 'Warning',
    effortHours: 0.1,
    find: ({ devices }) =>
      countOf(devices.filter(({ type, isConnected }) => type === 'CdRom' && isConnected === true).length, 'connected CD drive'),
  },
]

const countOf = (count: number, what: string): string | undefined =>
  count === 0 ? undefined : `It has ${count} ${what}${count === 1 ? '' : 's'}.`

import type { MachineCheck } from './concern.ts'
import { gibibytes } from './format.ts'

/** What processors, memory and devices bring. */
export const hardwareChecks: readonly MachineCheck[] = [
  {
    id: 'cpu_affinity.detected',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ cpu }) => (cpu.hasAffinity === true ? {} : undefined),
  },
  {
    id: 'cpu_memory.hotplug.enabled',
    severity: 'Warning',
    effortHours: 0.25,
    find: ({ cpu, memory }) => {
      const settings = [
        ...(cpu.isHotAddEnabled === true ? ['vcpu.hotadd'] : []),
        ...(memory.isHotAddEnabled === true ? ['mem.hotadd'] : []),
      ]
      return settings.length === 0 ? undefined : { settings }
    },
  },
  {
    id: 'fit.latency_sensitive',
    severity: 'Warning',
    effortHours: 1,
    find: ({ latencySensitivity }) =>
      latencySensitivity !== undefined && /high/iu.test(latencySensitivity) ? { sensitivity: latencySensitivity } : undefined,
  },
  {
    id: 'fit.reservation',
    severity: 'Warning',
    effortHours: 0.25,
    find: ({ memory }) =>
      memory.isReservationLocked === true ||
      (memory.sizeBytes !== undefined && memory.sizeBytes > 0 && memory.reservationBytes === memory.sizeBytes)
        ? {}
        : undefined,
  },
  {
    id: 'fit.vcpu_gt_node',
    severity: 'Critical',
    effortHours: 2,
    find: ({ cpu }, { target }) =>
      target !== undefined && cpu.count !== undefined && cpu.count > target.cores
        ? { vcpus: cpu.count, cores: target.cores }
        : undefined,
  },
  {
    id: 'fit.mem_gt_half_node',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ memory }, { target }) =>
      target !== undefined && (memory.sizeBytes ?? 0) > target.memoryBytes / 2
        ? { memory: gibibytes(memory.sizeBytes ?? 0), hostMemory: gibibytes(target.memoryBytes) }
        : undefined,
  },
  {
    id: 'hw.version_old',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ hardwareVersion }) =>
      hardwareVersion !== undefined && hardwareVersion < 7 ? { version: hardwareVersion } : undefined,
  },
  {
    id: 'fault_tolerance.enabled',
    severity: 'Information',
    effortHours: 1,
    find: ({ isFaultTolerant }) => (isFaultTolerant === true ? {} : undefined),
  },
  {
    id: 'tpm.detected',
    severity: 'Warning',
    effortHours: 1,
    find: ({ hasVtpm }) => (hasVtpm === true ? {} : undefined),
  },
  {
    id: 'vm.encrypted',
    severity: 'Critical',
    effortHours: 2,
    find: ({ isEncrypted }) => (isEncrypted === true ? {} : undefined),
  },
  {
    id: 'passthrough_device.detected',
    severity: 'Critical',
    effortHours: 4,
    find: ({ devices }) => counted(devices.filter(({ type }) => type === 'PciPassthrough' || type === 'Vgpu').length),
  },
  {
    id: 'device.sriov.detected',
    severity: 'Warning',
    effortHours: 2,
    find: ({ devices, nics }) =>
      counted(
        devices.filter(({ type }) => type === 'Sriov').length +
          nics.filter(({ adapter }) => /sriov/iu.test(adapter ?? '')).length,
      ),
  },
  {
    id: 'usb_controller.detected',
    severity: 'Warning',
    effortHours: 1,
    find: ({ devices }) => counted(devices.filter(({ type }) => type === 'Usb').length),
  },
  {
    id: 'cd.connected',
    severity: 'Warning',
    effortHours: 0.1,
    find: ({ devices }) => counted(devices.filter(({ type, isConnected }) => type === 'CdRom' && isConnected === true).length),
  },
]

const counted = (count: number): { readonly count: number } | undefined => (count === 0 ? undefined : { count })

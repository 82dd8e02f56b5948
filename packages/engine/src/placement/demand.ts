import type { VirtualMachineInstance } from '@weir/api'
import { parseBytes, parseCpuMillis } from '@weir/base'
import { memoryQuantityOf } from '../virtual-machine-instance/check-spec.ts'
import { toInstanceSpec } from '../virtual-machine-instance/instance-spec.ts'
import { topologyOf } from '../virtual-machine-instance/machine-spec.ts'
import type { Demand } from './first-fit.ts'

/** What QEMU itself takes besides the memory of its guest. */
const overheadBytes = 128 * 2 ** 20
/** Ten virtual CPUs may share a core (KubeVirt's `cpuAllocationRatio`). */
const millisPerCpu = 100

/**
 * What an instance asks of its host: the CPU of `resources.requests`, else a tenth of its virtual CPUs; its memory and QEMU's.
 * @throws INPUT_QUANTITY if a quantity of its spec cannot be read.
 */
export function demandOf(instance: VirtualMachineInstance): Demand {
  const spec = toInstanceSpec(instance)
  const memory = memoryQuantityOf(spec)
  const { sockets, cores, threads } = topologyOf(spec)
  const requested = spec.domain.resources?.requests?.['cpu']
  return {
    memoryBytes: (memory === undefined ? 0 : parseBytes(memory.text, memory.field)) + overheadBytes,
    cpuMillis:
      requested === undefined
        ? sockets * cores * threads * millisPerCpu
        : parseCpuMillis(requested, 'spec.domain.resources.requests.cpu'),
    nodeSelector: instance.spec.nodeSelector ?? {},
  }
}

import type { KubevirtInstance, QuantityReader } from '@weir/estate'
import type { Amounts } from '@weir/planner'
import { kubevirtOverheadMebibytes } from '../hosts/kubevirt-overhead.ts'
import { usedMebibytes } from './amounts.ts'

type Domain = NonNullable<NonNullable<KubevirtInstance['spec']>['domain']>

/**
 * What a machine without a pod of its own takes, by KubeVirt's rules: its CPU request, else a tenth of its vCPUs (all of them
 * if they are its own); its memory and KubeVirt's overhead. And the memory of its guest alone, which a move copies.
 */
export function machineRequests({ spec }: KubevirtInstance, read: QuantityReader): { requests: Amounts; guestMebibytes: number } {
  const domain = spec?.domain ?? {}
  const cpuCount = cpuCountOf(domain)
  const millisPerCpu = domain.cpu?.dedicatedCpuPlacement === true ? 1000 : 100
  const requests = domain.resources?.requests
  const guest = domain.memory?.guest
  const guestMebibytes = usedMebibytes(read.bytes(guest === undefined ? requests : { memory: guest }) ?? 0)
  const overhead = { memoryMebibytes: guestMebibytes, cpuCount, hasPassthrough: hasPassthrough(domain) }
  return {
    guestMebibytes,
    requests: {
      cpu: read.cpuMillis(requests) ?? cpuCount * millisPerCpu,
      memory: guestMebibytes + kubevirtOverheadMebibytes(overhead),
      pods: 1,
    },
  }
}

const cpuCountOf = ({ cpu: { cores = 1, sockets = 1, threads = 1 } = {} }: Domain): number => cores * sockets * threads
const hasPassthrough = ({ devices }: Domain): boolean => (devices?.gpus?.length ?? 0) + (devices?.hostDevices?.length ?? 0) > 0

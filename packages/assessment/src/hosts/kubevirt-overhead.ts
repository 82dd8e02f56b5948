/** Guest memory and vCPUs of a machine on KubeVirt. */
interface GuestSize {
  readonly memoryMebibytes: number
  readonly cpuCount: number
  readonly hasPassthrough?: boolean
}

/**
 * Mebibytes that KubeVirt takes beside the guest's own memory (KubeVirt 1.x, `GetMemoryOverhead`): processes 220, page tables a 512th
 * of the guest, 8 for each vCPU, 8 for I/O threads, 32 for video memory, 1024 with VFIO.
 */
export const kubevirtOverheadMebibytes = ({ memoryMebibytes, cpuCount, hasPassthrough = false }: GuestSize): number =>
  Math.ceil(220 + memoryMebibytes / 512 + 8 * cpuCount + 8 + 32 + (hasPassthrough ? 1024 : 0))

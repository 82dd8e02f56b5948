import type { Bytes } from '@weir/base'

/** A disk of a machine. Order in `MachineSpec.disks` is the order of the guest's device slots. */
export interface MachineDisk {
  readonly name: string
  readonly path: string
  readonly format: 'raw' | 'qcow2'
  /** The only folder that files below the image may lie in; absent: there are none. A guest could write other names into its image. */
  readonly backingFolder?: string
  readonly bus: 'virtio' | 'sata' | 'scsi' | 'usb'
  readonly kind: 'disk' | 'cdrom'
  readonly readOnly: boolean
  readonly bootOrder?: number
  /** Seen by the guest; at most 20 characters for virtio. */
  readonly serial?: string
}

/** A way in from this machine's loopback to a port of the guest. `hostPort` was allocated before and is kept for life. */
export interface PortForward {
  readonly protocol: 'tcp' | 'udp'
  readonly hostPort: number
  readonly guestPort: number
}

/** A network card on QEMU's user-mode network. */
export interface MachineNic {
  readonly name: string
  readonly model: 'virtio' | 'e1000' | 'e1000e' | 'rtl8139'
  readonly mac: string
  readonly bootOrder?: number
  readonly forwards: readonly PortForward[]
}

/** Everything a QEMU process is started from. `id` is the uid of the VirtualMachineInstance; it names files and sockets. */
export interface MachineSpec {
  readonly id: string
  readonly namespace: string
  readonly name: string
  readonly memoryBytes: Bytes
  readonly sockets: number
  readonly cores: number
  readonly threads: number
  /** `host-passthrough`, `host-model` or a QEMU model; under TCG the first two mean `max`. */
  readonly cpuModel?: string
  readonly machineType: 'q35' | 'pc'
  readonly firmware: 'bios' | 'efi' | 'efi-secure-boot'
  readonly uuid?: string
  readonly serialNumber?: string
  readonly disks: readonly MachineDisk[]
  readonly nics: readonly MachineNic[]
  readonly noCloud?: { readonly userData: string; readonly metaData: string; readonly networkData?: string }
  readonly guestAgent: boolean
}

/** What is known of a machine. `Exited` tells why: the guest shut itself down, was reset away, we stopped it, or QEMU died. */
export type MachineState =
  | {
      readonly phase: 'Running' | 'Paused'
      /** True if it is Paused because a disk could not be read or written (the host's is full, say), not because it was asked to. */
      readonly isStoppedByDisk: boolean
      readonly pid: number
      readonly guestAgentConnected: boolean
      readonly startedAt: string
    }
  | { readonly phase: 'Exited'; readonly reason: 'GuestShutdown' | 'Stopped' | 'Killed' | 'Crashed'; readonly message: string }

/** A conversation with a guest's serial console or VNC server. */
export interface MachineStream {
  readonly incoming: AsyncIterable<Uint8Array>
  write(bytes: Uint8Array): Promise<void>
  close(): void
}

/**
 * The QEMU processes of one host. Processes are detached and outlive this object; what is running is read back from the
 * state directory by `adopt`. All calls are idempotent and safe to repeat after a crash at any point.
 */
export interface Machines {
  /** Finds the machines that an earlier run started; call once, first. */
  adopt(): Promise<readonly string[]>
  /** Starts the machine if it is not there; resolves when QEMU answers on QMP. @throws MACHINE_START_FAILED with QEMU's last words. */
  ensure(spec: MachineSpec, signal: AbortSignal): Promise<void>
  /** Undefined if nothing of this id exists. */
  state(id: string): MachineState | undefined
  list(): readonly string[]
  pause(id: string): Promise<void>
  unpause(id: string): Promise<void>
  /** Asks the guest to power off (ACPI); returns at once. The caller decides when to `kill`. */
  powerDown(id: string): Promise<void>
  /** Ends the process now; resolves when it is gone. */
  kill(id: string): Promise<void>
  /** Ends the process if needed and deletes everything of this id except the disks. */
  remove(id: string): Promise<void>
  /** Answer of the guest agent, or undefined if it does not answer within a second. */
  guestInfo(
    id: string,
  ): Promise<{ readonly hostname?: string; readonly osName?: string; readonly addresses: readonly string[] } | undefined>
  console(id: string): Promise<MachineStream>
  vnc(id: string): Promise<MachineStream>
  /** Calls `listener` with the id whenever the state of a machine changed; returns the function that ends it. */
  onChange(listener: (id: string) => void): () => void
  /** Lets go of all machines without touching them. */
  close(): Promise<void>
}

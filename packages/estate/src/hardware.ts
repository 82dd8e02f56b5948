/** A disk of a source machine, in the order of controller and place. */
export interface SourceDisk {
  readonly id: string
  readonly capacityBytes: number
  /** The file in the appliance, undefined for an empty disk. */
  readonly fileName: string | undefined
  /** The file comes in this many pieces, `totalBytes` together; undefined if it is whole. */
  readonly chunks?: { readonly count: number; readonly totalBytes: number }
}

/** A network card of a source machine. */
export interface SourceNic {
  readonly network: string
  readonly mac: string | undefined
  readonly model: string
  readonly connected: boolean
}

/** A machine as its source describes it: what every reader of an estate gives. */
export interface SourceMachine {
  readonly name: string
  readonly guestId: string
  readonly firmware: 'bios' | 'efi'
  readonly secureBoot: boolean
  readonly uuid: string | undefined
  readonly cpuCount: number
  readonly coresPerSocket: number
  readonly memoryBytes: number
  readonly vtpm: boolean
  readonly hotAdd: boolean
  readonly passthroughCount: number
  readonly usb: boolean
  /** Other devices that do not move: CD-ROM, floppy, serial and parallel ports, sound. */
  readonly dropped: readonly string[]
  readonly disks: readonly SourceDisk[]
  readonly nics: readonly SourceNic[]
}

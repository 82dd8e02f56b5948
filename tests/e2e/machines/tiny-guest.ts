import { writeFileSync } from 'node:fs'

import type { MachineSpec } from '@weir/engine'

/** A specification of a 16 MiB machine with one boot disk at `disk`. */
export function tinySpec(id: string, disk: string, more: Partial<MachineSpec> = {}): MachineSpec {
  return {
    id,
    namespace: 'default',
    name: 'tiny',
    memoryBytes: (16 << 20) as MachineSpec['memoryBytes'],
    sockets: 1,
    cores: 1,
    threads: 1,
    machineType: 'q35',
    firmware: 'bios',
    nics: [],
    guestAgent: true,
    disks: [{ name: 'root', path: disk, format: 'raw', bus: 'virtio', kind: 'disk', readOnly: false }],
    ...more,
  }
}

/** 8086 machine code as bytes, label definitions (`label:`) and 8-bit (`>label`) or 16-bit (`>>label`) relative references. */
type Code = readonly (number | string)[]

const serialBase = 0x3f8
const powerBase = 0x600
const word = (value: number): readonly number[] => [value & 0xff, value >> 8]
const dx = (port: number): Code => [0xba, ...word(port)]
const text = [...Buffer.from('UP\r\n')].flatMap((letter): Code => [0xb0, letter, 0xe8, '>>put'])

/**
 * Says `UP` on COM1, then sends back each byte received there plus one; `!` or the power button turns it off through ACPI
 * (the PM1 registers of QEMU's q35 under SeaBIOS).
 */
const programOf = ({ isDeaf }: TinyGuest): Code => [
  0xfa,
  0x31,
  0xc0,
  0x8e,
  0xd8,
  0x8e,
  0xd0,
  0xbc,
  0x00,
  0x7c, // interrupts off, segments 0, stack below the code
  ...dx(powerBase + 2),
  0xb8,
  0x00,
  0x01,
  0xef, // enable the power button's status
  ...text,
  'loop:',
  ...(isDeaf ? [] : [...dx(powerBase), 0xed, 0xf6, 0xc4, 0x01, 0x75, '>off']), // pressed?
  ...dx(serialBase + 5),
  0xec,
  0xa8,
  0x01,
  0x74,
  '>loop', // a byte there?
  ...dx(serialBase),
  0xec,
  0x3c,
  0x21,
  0x74,
  '>off',
  0xfe,
  0xc0,
  0xe8,
  '>>put',
  0xeb,
  '>loop',
  'off:',
  ...dx(powerBase + 4),
  0xb8,
  0x00,
  0x20,
  0xef,
  0xeb,
  '>off',
  'put:',
  0x88,
  0xc3,
  'full:',
  ...dx(serialBase + 5),
  0xec,
  0xa8,
  0x20,
  0x74,
  '>full',
  ...dx(serialBase),
  0x88,
  0xd8,
  0xee,
  0xc3,
]

const sizeOf = (part: number | string): number => {
  if (typeof part === 'number') return 1
  if (part.endsWith(':')) return 0
  return part.startsWith('>>') ? 2 : 1
}

function assemble(code: Code): Buffer {
  const labels = new Map<string, number>()
  let at = 0
  for (const part of code) {
    if (typeof part === 'string' && part.endsWith(':')) labels.set(part.slice(0, -1), at)
    at += sizeOf(part)
  }
  at = 0
  return Buffer.from(
    code.flatMap((part) => {
      at += sizeOf(part)
      if (typeof part === 'number') return [part]
      if (part.endsWith(':')) return []
      const distance = ((labels.get(part.replace(/^>+/u, '')) ?? 0) - at) & 0xffff
      return part.startsWith('>>') ? word(distance) : [distance & 0xff]
    }),
  )
}

/** What the guest is like. A deaf one does not hear its power button. */
interface TinyGuest {
  readonly isDeaf: boolean
}

/** Writes a raw boot disk with the program above. */
export function writeTinyDisk(path: string, guest: TinyGuest = { isDeaf: false }): void {
  const disk = Buffer.alloc(1 << 20)
  assemble(programOf(guest)).copy(disk)
  disk.writeUInt16LE(0xaa55, 510)
  writeFileSync(path, disk)
}

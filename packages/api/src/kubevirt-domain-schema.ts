import type { Schema } from './definition.ts'
import { devices } from './kubevirt-devices-schema.ts'
import { boolean, integer, list, object, open, quantity, quantityMap, string } from './schemas.ts'

const enabled = { enabled: boolean('True if absent') }
const aSwitch: Schema = object(enabled)

const hyperv: Schema = object(
  {
    ...Object.fromEntries(
      [
        'relaxed',
        'vapic',
        'vpindex',
        'runtime',
        'synic',
        'reset',
        'frequencies',
        'reenlightenment',
        'tlbflush',
        'ipi',
        'evmcs',
      ].map((name) => [name, aSwitch]),
    ),
    spinlocks: object({ ...enabled, spinlocks: integer('Tries before the guest yields', 4096) }),
    synictimer: object({ ...enabled, direct: aSwitch }),
    vendorid: object({ ...enabled, vendorid: { ...string(), maxLength: 12 } }),
  },
  { description: 'Enlightenments for Windows' },
)

const features: Schema = object(
  {
    acpi: aSwitch,
    apic: object({ ...enabled, endOfInterrupt: boolean() }),
    smm: object(enabled, { description: 'System management mode, which secure boot needs' }),
    kvm: object({ hidden: boolean('True to hide from the guest that it runs on KVM') }),
    pvspinlock: aSwitch,
    hyperv,
    hypervPassthrough: aSwitch,
  },
  { description: 'What the hardware offers to the kernel of the guest' },
)

const timer = (more: Readonly<Record<string, Schema>> = {}): Schema => object({ present: boolean('True if absent'), ...more })
const tickPolicy = string('What happens to ticks that the guest missed: delay, catchup, merge or discard')

const clock: Schema = object(
  {
    utc: object({ offsetSeconds: integer('Seconds from UTC') }, { description: 'The hardware clock shows UTC' }),
    timezone: string('The hardware clock shows the local time of this zone, such as Europe/Vienna'),
    timer: object({
      hpet: timer({ tickPolicy }),
      kvm: timer(),
      pit: timer({ tickPolicy }),
      rtc: timer({ tickPolicy, track: string('guest or wall') }),
      hyperv: timer(),
    }),
  },
  { description: 'What the hardware clock of the guest shows, and which timers there are' },
)

/** `spec.domain`: the virtual hardware. */
export const domain: Schema = object(
  {
    cpu: object({
      sockets: integer('CPU sockets', 1),
      cores: integer('Cores of a socket', 1),
      threads: integer('Threads of a core', 1),
      maxSockets: integer('Sockets that may be added while it runs'),
      model: string('host-passthrough, host-model or a QEMU model'),
      dedicatedCpuPlacement: boolean(),
      features: list(object({ name: string(), policy: string() }, { required: ['name'] })),
      numa: open,
      realtime: open,
      isolateEmulatorThread: boolean(),
    }),
    memory: object({
      guest: quantity('Memory that the guest sees'),
      maxGuest: quantity(),
      hugepages: object({ pageSize: string() }),
    }),
    resources: object({ requests: quantityMap, limits: quantityMap, overcommitGuestOverhead: boolean() }),
    machine: object({ type: string('q35 (default) or pc, also with a version') }),
    firmware: object({
      uuid: string('UUID that the guest sees (SMBIOS)'),
      serial: string('Serial number of the system that the guest sees (SMBIOS)'),
      bootloader: object({
        bios: object({ useSerial: boolean() }),
        efi: object({
          secureBoot: boolean('True to start only signed boot loaders; true if absent'),
          persistent: boolean('True to keep the variables'),
        }),
      }),
      kernelBoot: open,
      acpi: open,
    }),
    features,
    clock,
    chassis: object({ manufacturer: string(), version: string(), serial: string(), asset: string(), sku: string() }),
    ioThreadsPolicy: string(),
    launchSecurity: open,
    devices,
  },
  { required: ['devices'] },
)

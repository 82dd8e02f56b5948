import type { Schema } from './definition.ts'
import { boolean, integer, list, object, oneOfStrings, open, string } from './schemas.ts'

const bus = oneOfStrings(['virtio', 'sata', 'scsi', 'usb'], 'The controller that the guest sees; virtio if absent')
const target = object({ bus, readonly: boolean('True to refuse writes'), pciAddress: string() })

const disk: Schema = object(
  {
    name: string('The volume of this name is behind it'),
    bootOrder: integer('1 boots first', 1),
    serial: { ...string('Serial number that the guest sees'), maxLength: 256 },
    disk: { ...target, description: 'A hard disk' },
    cdrom: { ...target, description: 'A CD-ROM drive' },
    lun: open,
    cache: string(),
    io: string(),
    tag: string(),
    dedicatedIOThread: boolean(),
    errorPolicy: string(),
    blockSize: open,
    shareable: boolean(),
  },
  { required: ['name'] },
)

const networkInterface: Schema = object(
  {
    name: string('The network of this name is behind it'),
    model: string('virtio (default), e1000, e1000e or rtl8139'),
    macAddress: { ...string('Six bytes in hexadecimal'), pattern: '^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$' },
    bootOrder: integer('1 boots first', 1),
    masquerade: { ...open, description: 'Behind the address of the host' },
    bridge: { ...open, description: 'On a bridge of the host' },
    binding: open,
    sriov: open,
    ports: list(
      object(
        {
          name: string(),
          port: { ...integer('Port of the guest', 1), maximum: 65_535 },
          protocol: string('TCP (default) or UDP'),
        },
        { required: ['port'] },
      ),
      'Ports of the guest that can be reached from outside',
    ),
    pciAddress: string(),
    dhcpOptions: open,
    state: string(),
    tag: string(),
    acpiIndex: integer(),
  },
  { required: ['name'] },
)

const hostDevice: Schema = object(
  { name: string(), deviceName: string('The resource name that the host offers'), tag: string(), virtualGPUOptions: open },
  { required: ['name', 'deviceName'] },
)

/** `domain.devices`. */
export const devices: Schema = object({
  disks: { ...list(disk), maxItems: 256 },
  interfaces: { ...list(networkInterface), maxItems: 256 },
  rng: { ...open, description: 'A source of randomness' },
  tpm: object(
    { enabled: boolean(), persistent: boolean('True to keep what it holds from one life of the machine to the next') },
    { description: 'A virtual TPM' },
  ),
  watchdog: object(
    {
      name: string(),
      i6300esb: object({
        action: oneOfStrings(['poweroff', 'reset', 'shutdown'], 'What happens when the guest no longer answers'),
      }),
    },
    { required: ['name'], description: 'Ends a guest that hangs' },
  ),
  inputs: list(
    object(
      { name: string(), type: oneOfStrings(['tablet', 'keyboard']), bus: oneOfStrings(['virtio', 'usb']) },
      { required: ['name', 'type'] },
    ),
    'Tablets and keyboards',
  ),
  gpus: list(hostDevice),
  hostDevices: list(hostDevice),
  sound: object({ name: string(), model: string() }, { required: ['name'] }),
  clientPassthrough: open,
  video: open,
  autoattachGraphicsDevice: boolean(),
  autoattachInputDevice: boolean(),
  autoattachMemBalloon: boolean(),
  autoattachPodInterface: boolean(),
  autoattachSerialConsole: boolean(),
  autoattachVSOCK: boolean(),
  blockMultiQueue: boolean(),
  networkInterfaceMultiqueue: boolean(),
  disableHotplug: boolean(),
  useVirtioTransitional: boolean(),
})

import { WeirError } from '@weir/base'
import { parseXml, type XmlElement } from '@weir/images'
import type { SourceDisk, SourceMachine, SourceNic } from '../hardware.ts'
import { parseAmountBytes } from './allocation-units.ts'

/** Twice what a disk of VMware can have (62 TB). */
const capacityMaxBytes = 2 ** 47
/** As many as an archive may hold files. */
const chunksMax = 1024
const kinds = { cpu: '3', memory: '4', nic: '10', disk: '17', usb: '23' } as const
const droppedKinds: ReadonlyMap<string, string> = new Map([
  ['14', 'floppy'],
  ['15', 'CD-ROM'],
  ['16', 'CD-ROM'],
  ['21', 'serial port'],
  ['22', 'parallel port'],
  ['35', 'sound card'],
])

const all = (parent: XmlElement | undefined, name: string): readonly XmlElement[] =>
  parent?.children.filter((child) => child.name === name) ?? []
const one = (parent: XmlElement | undefined, name: string): XmlElement | undefined => all(parent, name)[0]
const textOf = (parent: XmlElement, name: string): string => one(parent, name)?.text ?? ''

/**
 * The machine that an OVF descriptor (DSP0243, versions 1 and 2) describes, in its default configuration. `label` names the file.
 * @throws IMAGE_DESCRIPTOR if it is none, describes several machines, or refers to disks or files that are not there.
 */
export function parseOvf(text: string, label: string): SourceMachine {
  const envelope = parseXml(text, label)
  const refuse = (what: string): never => {
    throw new WeirError('IMAGE_DESCRIPTOR', `'${label}' cannot be imported: ${what}.`)
  }
  if (envelope.name !== 'Envelope') refuse(`its root element is '${envelope.name}', not 'Envelope'`)
  if (one(envelope, 'VirtualSystemCollection') !== undefined || all(envelope, 'VirtualSystem').length > 1)
    refuse('it describes several machines; export each machine alone')
  const system = one(envelope, 'VirtualSystem') ?? refuse('it describes no machine')
  const hardware = one(system, 'VirtualHardwareSection') ?? refuse('it describes no hardware')
  const items = itemsOf(hardware, defaultConfiguration(envelope))
  const settings = settingsOf(hardware)
  const count = (kind: string): number =>
    Number(textOf(items.find((item) => kindOf(item) === kind) ?? system, 'VirtualQuantity') || '1')
  const cpuCount = count(kinds.cpu)
  if (!Number.isSafeInteger(cpuCount) || cpuCount < 1) refuse('its number of processors makes no sense')
  return {
    name: textOf(system, 'Name') || (system.attributes.get('id') ?? label),
    guestId: one(system, 'OperatingSystemSection')?.attributes.get('osType') ?? '',
    firmware: settings.get('firmware') === 'efi' ? 'efi' : 'bios',
    secureBoot: settings.get('bootOptions.efiSecureBootEnabled') === 'true',
    uuid: uuidOf(settings.get('uuid.bios')),
    cpuCount,
    coresPerSocket: Number(items.map((item) => textOf(item, 'CoresPerSocket')).find((cores) => cores !== '') ?? '1') || 1,
    memoryBytes: memoryOf(items, label),
    vtpm: items.some((item) => /vtpm|trusted platform/iu.test(textOf(item, 'ResourceSubType') + textOf(item, 'ElementName'))),
    hotAdd: ['cpuHotAddEnabled', 'memoryHotAddEnabled'].some((key) => settings.get(key) === 'true'),
    passthroughCount: items.filter((item) => /pcipassthrough/iu.test(textOf(item, 'ResourceSubType'))).length,
    usb: items.some((item) => kindOf(item) === kinds.usb),
    dropped: [...new Set(items.flatMap((item) => droppedKinds.get(kindOf(item)) ?? []))],
    disks: disksOf(envelope, items, refuse),
    nics: items.filter((item) => kindOf(item) === kinds.nic).map(toNic),
  }
}

const kindOf = (item: XmlElement): string => textOf(item, 'ResourceType')

function defaultConfiguration(envelope: XmlElement): string | undefined {
  const configurations = all(one(envelope, 'DeploymentOptionSection'), 'Configuration')
  return (configurations.find(({ attributes }) => attributes.get('default') === 'true') ?? configurations[0])?.attributes.get(
    'id',
  )
}

/** Items of no configuration, overridden by those of the default one with the same InstanceID. */
function itemsOf(hardware: XmlElement, configuration: string | undefined): readonly XmlElement[] {
  const byId = new Map<string, XmlElement>()
  for (const item of hardware.children) {
    const only = item.attributes.get('configuration')?.split(/\s+/u)
    if (!/^(?:Storage|EthernetPort)?Item$/u.test(item.name)) continue
    if (only === undefined || only.includes(configuration ?? '')) byId.set(textOf(item, 'InstanceID'), item)
  }
  return [...byId.values()]
}

/** `vmw:Config` and `vmw:ExtraConfig` of the hardware. */
const settingsOf = (hardware: XmlElement): ReadonlyMap<string, string> =>
  new Map(
    [...all(hardware, 'Config'), ...all(hardware, 'ExtraConfig')].map(({ attributes }) => [
      attributes.get('key') ?? '',
      attributes.get('value') ?? '',
    ]),
  )

/** `56 4d 12 ...-...` as VMware writes it, in the usual form. */
function uuidOf(value: string | undefined): string | undefined {
  const hex = value?.replaceAll(/[^0-9a-f]/giu, '').toLowerCase() ?? ''
  return hex.length === 32 ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5') : undefined
}

function memoryOf(items: readonly XmlElement[], label: string): number {
  const item = items.find((each) => kindOf(each) === kinds.memory)
  if (item === undefined) throw new WeirError('IMAGE_DESCRIPTOR', `'${label}' cannot be imported: it names no memory.`)
  return parseAmountBytes(
    textOf(item, 'VirtualQuantity'),
    textOf(item, 'AllocationUnits') || 'MegaBytes',
    `The memory in '${label}'`,
  )
}

const toNic = (item: XmlElement): SourceNic => ({
  network: textOf(item, 'Connection'),
  mac: /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/iu.exec(textOf(item, 'Address'))?.[0].toLowerCase(),
  model: textOf(item, 'ResourceSubType').toLowerCase(),
  connected: textOf(item, 'AutomaticAllocation').toLowerCase() !== 'false',
})

function disksOf(envelope: XmlElement, items: readonly XmlElement[], refuse: (what: string) => never): readonly SourceDisk[] {
  const files = byId(all(one(envelope, 'References'), 'File'), 'id', refuse)
  const disks = byId(all(one(envelope, 'DiskSection'), 'Disk'), 'diskId', refuse)
  const place = (item: XmlElement): readonly [number, number] => [
    Number(textOf(item, 'Parent')),
    Number(textOf(item, 'AddressOnParent')),
  ]
  return items
    .filter((item) => kindOf(item) === kinds.disk)
    .toSorted((a, b) => place(a)[0] - place(b)[0] || place(a)[1] - place(b)[1])
    .map((item) => {
      const id = textOf(item, 'HostResource').replace(/^(?:ovf:)?\/disk\//u, '')
      const { attributes } = disks.get(id) ?? refuse(`its hardware uses the disk '${id}', which its DiskSection does not hold`)
      const reference = attributes.get('fileRef')
      const file = reference === undefined ? undefined : (files.get(reference) ?? refuse(`disk '${id}' refers to no file`))
      return {
        id,
        capacityBytes: capacityOf(attributes, id),
        fileName: file?.attributes.get('href'),
        ...packingOf(file, refuse),
      }
    })
}

function capacityOf(attributes: ReadonlyMap<string, string>, id: string): number {
  const units = attributes.get('capacityAllocationUnits') ?? 'byte'
  const bytes = parseAmountBytes(attributes.get('capacity') ?? '', units, `The capacity of '${id}'`)
  if (bytes > capacityMaxBytes)
    throw new WeirError('IMAGE_LIMIT', `Disk '${id}' claims a capacity of ${bytes} bytes; at most 128 TiB are taken.`)
  return bytes
}

/** How the exporter packed a file (DSP0243 section 7.1). Gzip is seen by its first bytes when the disk is read. */
function packingOf(file: XmlElement | undefined, refuse: (what: string) => never): Pick<SourceDisk, 'chunks'> {
  const attribute = (name: string): string | undefined => file?.attributes.get(name)
  const compression = attribute('compression') ?? 'identity'
  if (compression !== 'identity' && compression !== 'gzip')
    refuse(`the file '${attribute('href')}' is compressed by '${compression.slice(0, 40)}'; only gzip is read`)
  if (attribute('chunkSize') === undefined) return {}
  const [totalBytes, chunkBytes] = [Number(attribute('size')), Number(attribute('chunkSize'))]
  const count = Math.ceil(totalBytes / chunkBytes)
  if (!Number.isSafeInteger(totalBytes) || !(count >= 1 && count <= chunksMax))
    refuse(`the size and chunkSize of the file '${attribute('href')}' make no sense; 1 to ${chunksMax} chunks are read`)
  return { chunks: { count, totalBytes } }
}

function byId(elements: readonly XmlElement[], key: string, refuse: (what: string) => never): ReadonlyMap<string, XmlElement> {
  const map = new Map<string, XmlElement>()
  for (const element of elements) {
    const id = element.attributes.get(key) ?? ''
    if (map.has(id)) refuse(`it defines '${id}' twice`)
    map.set(id, element)
  }
  return map
}

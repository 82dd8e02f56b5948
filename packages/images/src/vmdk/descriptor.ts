import { WeirError } from '@weir/base'

/** One file of a VMDK that consists of several. `name` has not been checked: see `assertPlainName`. */
interface VmdkExtent {
  readonly access: 'RW' | 'RDONLY' | 'NOACCESS'
  readonly sectors: number
  readonly type: string
  readonly name: string | undefined
  readonly offsetSectors: number
}

/** The text part of a VMDK: kind of disk and its extents. */
export interface VmdkDescriptor {
  readonly createType: string
  readonly extents: readonly VmdkExtent[]
}

const extentLine = /^(RW|RDONLY|NOACCESS)\s+(\d{1,16})\s+([A-Z]{1,16})(?:\s+"([^"]{1,1024})"(?:\s+(\d{1,16}))?)?/u
const setting = /^([A-Za-z][A-Za-z0-9_.]*)\s*=\s*"?([^"]*)"?\s*$/u
const noParent = new Set(['ffffffff', ''])

/**
 * Reads the text of a VMDK descriptor, up to its first NUL. `label` names the file in errors.
 * @throws IMAGE_FORMAT if the disk depends on a parent: a delta of a snapshot cannot be imported alone.
 */
export function parseDescriptor(text: string, label: string): VmdkDescriptor {
  const extents: VmdkExtent[] = []
  const settings = new Map<string, string>()
  for (const line of (text.split('\0', 1)[0] ?? '').split(/\r?\n/u)) {
    const trimmed = line.trim()
    const extent = extentLine.exec(trimmed)
    if (extent !== null) extents.push(toExtent(extent))
    const [, key, value] = setting.exec(trimmed) ?? []
    if (key !== undefined && value !== undefined) settings.set(key, value.trim())
  }
  assertNoParent(settings, label)
  return { createType: settings.get('createType') ?? '', extents }
}

function assertNoParent(settings: ReadonlyMap<string, string>, label: string): void {
  const parent = settings.get('parentCID')?.toLowerCase() ?? ''
  if (noParent.has(parent) && !settings.has('parentFileNameHint')) return
  const name = settings.get('parentFileNameHint') ?? `the disk with content id ${parent}`
  throw new WeirError(
    'IMAGE_FORMAT',
    `'${label}' holds only the changes to its parent, ${name}. Consolidate the snapshots at the source, then export the disk again.`,
  )
}

const toExtent = ([, access, sectors, type, name, offset]: RegExpExecArray): VmdkExtent => ({
  access: access === 'RW' ? 'RW' : access === 'RDONLY' ? 'RDONLY' : 'NOACCESS',
  sectors: Number(sectors),
  type: type ?? '',
  name,
  offsetSectors: Number(offset ?? '0'),
})

import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { type FileRegion, readRegion } from '../stream/file-region.ts'
import { ManifestCheck, parseManifest } from './manifest.ts'
import type { ApplianceEvent, FilePlace } from './open-ova.ts'
import { assertDescriptor, checkEntry, noDescriptor, type OvaEntry, readText, roleOf, toImageError } from './ova-entry.ts'
import { tarMembers } from './tar-members.ts'

/** A file of the archive. */
interface Member extends FileRegion {
  readonly name: string
}

/**
 * Reads an OVA that is a file, as `openOva` reads it from a stream, but by the headers of its members: each `File` has its
 * place, and the manifest is known before, wherever it stands. The file is open until the events end.
 * @throws as `openOva`; for names, limits and missing files before anything is told.
 */
export async function* openOvaFile(path: string): AsyncGenerator<ApplianceEvent> {
  const label = basename(path)
  const file = await open(path, 'r')
  try {
    const members = await listMembers(file, label)
    const [descriptor] = members
    if (descriptor === undefined) throw noDescriptor(label)
    assertDescriptor(descriptor.name, label)
    const check = new ManifestCheck()
    for (const manifest of members.filter(({ name }) => roleOf(name) === 'Manifest'))
      check.addManifest(parseManifest(await readText(entryOf(manifest), label), manifest.name))
    check.assertListed(new Set(members.map(({ name }) => name)))
    const bytes = check.watch(descriptor.name, readRegion(descriptor, descriptor.name))
    yield { kind: 'Descriptor', name: descriptor.name, text: await readText({ ...entryOf(descriptor), bytes }, label) }
    for (const member of members.slice(1)) {
      const role = roleOf(member.name)
      if (role !== 'Manifest' && role !== 'Certificate') yield* fileEvents(member, check)
    }
    yield { kind: 'End', verified: check.finish(), signed: members.some(({ name }) => roleOf(name) === 'Certificate') }
  } catch (error) {
    throw toImageError(error, label)
  } finally {
    await file.close()
  }
}

/** A file that can be read in its place; what its reader has not verified is, afterwards. */
export async function* fileEvents(
  member: FileRegion & { readonly name: string },
  check: ManifestCheck,
): AsyncGenerator<ApplianceEvent> {
  const { name, lengthBytes, offset, file } = member
  const verify = async (): Promise<void> => {
    if (!check.isListed(name)) return
    for await (const _ of check.watch(name, readRegion(member, name))) continue
  }
  const place: FilePlace = { file, offset, lengthBytes, verify }
  const bytes = readRegion(member, name)
  yield { kind: 'File', name, sizeBytes: lengthBytes, bytes: check.isListed(name) ? check.watch(name, bytes) : bytes, place }
  if (!check.hasSeen(name)) await verify()
}

async function listMembers(file: FileHandle, label: string): Promise<readonly Member[]> {
  const state = { names: new Set<string>(), label }
  const members: Member[] = []
  for await (const { header, offset } of tarMembers(file, (await file.stat()).size)) {
    const name = checkEntry(header, state)
    if (name !== undefined) members.push({ name, file, offset, lengthBytes: header.size })
  }
  return members
}

const entryOf = (member: Member): OvaEntry => ({
  name: member.name,
  sizeBytes: member.lengthBytes,
  bytes: readRegion(member, member.name),
})

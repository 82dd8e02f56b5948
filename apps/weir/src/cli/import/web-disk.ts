import { WeirError } from '@weir/base'
import { peek, type WebFile } from '@weir/images'
import { capacityOf, headBytes, kindOf, oneDisk } from './bare-disk.ts'
import type { Source } from './read-source.ts'

/**
 * A bare disk on a web server, as it comes. @throws IMAGE_FORMAT if that does not tell its size, or not its end; IMAGE_SOURCE
 */
export async function openWebDisk({ bytes, sizeBytes, hasEnd, close }: WebFile, name: string): Promise<Source> {
  try {
    const { head, chunks } = await peek(bytes, headBytes)
    const kind = kindOf(head)
    if (kind === 'Outline')
      throw new WeirError(
        'IMAGE_FORMAT',
        `'${name}' only names the files that hold the disk; download it with them into one folder, then import it from there`,
      )
    if (!hasEnd && kind !== 'Stream')
      throw new WeirError(
        'IMAGE_FORMAT',
        `the server does not tell where '${name}' ends, so a part would pass for the whole; download it first, then import the file`,
      )
    const capacityBytes = capacityOf(head, { name, ...(sizeBytes === undefined ? {} : { lengthBytes: sizeBytes }) })
    return { events: oneDisk(capacityBytes, { kind: 'File', name, sizeBytes, bytes: chunks }), close: async () => close() }
  } catch (error) {
    close()
    throw error
  }
}

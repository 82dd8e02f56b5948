import type { PackageFolder } from '../appliance/open-ovf.ts'
import { isAbsent } from './web-errors.ts'
import { openUrl, type WebOptions } from './open-url.ts'

/** The files beside the one at `url`, which has no query. */
export const webFolder = (url: URL, options: WebOptions): PackageFolder => ({
  async open(name) {
    const file = await openUrl(new URL(encodeURIComponent(name), url.href).href, options).catch((error: unknown) => {
      if (!isAbsent(error)) throw error
    })
    return file === undefined ? undefined : { sizeBytes: file.sizeBytes, bytes: file.bytes, close: async () => file.close() }
  },
})

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The path of a data file or folder that is not part of the repository, or undefined where it is not at hand, so that tests of
 * real files run where there are some: `name` in the folder that `WEIR_SHARED_DATA` names, else in `shared/data` beside the
 * checkout or beside a folder above it.
 */
export function sharedData(name: string): string | undefined {
  const folder = process.env['WEIR_SHARED_DATA'] ?? nearest(dirname(fileURLToPath(import.meta.url)))
  const path = folder === undefined ? undefined : join(folder, name)
  return path !== undefined && existsSync(path) ? path : undefined
}

function nearest(start: string): string | undefined {
  for (let folder = start; dirname(folder) !== folder; folder = dirname(folder)) {
    const candidate = join(dirname(folder), 'shared', 'data')
    if (existsSync(candidate)) return candidate
  }
  return undefined
}

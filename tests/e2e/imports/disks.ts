import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WeirHome } from '../data-center/weir-home.ts'

/** The disk images of a data center, by their paths. */
export function imagesOf({ home }: WeirHome): readonly string[] {
  const volumes = join(home, 'volumes')
  return readdirSync(volumes, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.img'))
    .map((name) => join(volumes, name))
}

/** True if the raw images hold the same bytes; a longer one may end in zeros. */
export const isSameDisk = (raw: string, other: string): boolean =>
  execFileSync('qemu-img', ['compare', '-f', 'raw', '-F', 'raw', raw, other], { encoding: 'utf8' }).includes('identical')

/** The most memory that the data center's process had resident so far. */
export function peakMebibytes({ home }: WeirHome): number {
  const { pid } = JSON.parse(readFileSync(join(home, 'run', 'weir.pid'), 'utf8')) as { readonly pid: number }
  return Number(/VmHWM:\s+(\d+)/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

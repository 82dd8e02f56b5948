import { WeirError } from '@weir/base'

const allowed = /^[^\p{Cc}/\\:]{1,255}$/u

/**
 * `name` if it is the name of a file and nothing else: no folder, drive or control character.
 * @throws IMAGE_NAME otherwise; `label` says where the name stands.
 */
export function assertPlainName(name: string, label: string): string {
  if (allowed.test(name) && name !== '.' && name !== '..') return name
  throw new WeirError(
    'IMAGE_NAME',
    `${label} names the file ${JSON.stringify(name.slice(0, 128))}; it must be a plain file name without a path.`,
  )
}

import { isIP, isIPv4, isIPv6 } from 'node:net'

const day = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`
const date = new RegExp(`^${day}$`, 'u')
const dateTime = new RegExp(
  String.raw`^${day}[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$`,
  'u',
)
const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/iu
const duration = /^(?:0|(?:\d{1,18}(?:\.\d{1,9})?(?:ns|us|µs|μs|ms|s|m|h))+)$/u
const hostnameLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/iu
const base64 = /^[A-Za-z0-9+/]*={0,2}$/u
const mac = /^[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}$/iu

const isCidr = (value: string): boolean => {
  const [address = '', bits = '', more] = value.split('/')
  if (more !== undefined || !/^(?:0|[1-9]\d{0,2})$/u.test(bits)) return false
  const version = isIP(address)
  return version !== 0 && Number(bits) <= (version === 4 ? 32 : 128)
}

const isHostname = (value: string): boolean =>
  value.length > 0 && value.length <= 253 && value.split('.').every((label) => hostnameLabel.test(label))

const isEmail = (value: string): boolean => {
  const at = value.lastIndexOf('@')
  return at > 0 && at <= 64 && !/[\s<>()[\],;:"]/u.test(value) && isHostname(value.slice(at + 1))
}

const uuidOfVersion = (version: string) => (value: string) => uuid.test(value) && value.replaceAll('-', '')[12] === version

/** The formats of texts that a CustomResourceDefinition may name. Every expression runs in linear time. */
const textFormats: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ['date', (value) => date.test(value)],
  ['date-time', (value) => dateTime.test(value)],
  ['datetime', (value) => dateTime.test(value)],
  ['uuid', (value) => uuid.test(value)],
  ['uuid3', uuidOfVersion('3')],
  ['uuid4', uuidOfVersion('4')],
  ['uuid5', uuidOfVersion('5')],
  ['duration', (value) => duration.test(value)],
  ['hostname', isHostname],
  ['ipv4', isIPv4],
  ['ipv6', isIPv6],
  ['cidr', isCidr],
  ['mac', (value) => mac.test(value)],
  ['byte', (value) => value.length % 4 === 0 && base64.test(value)],
  ['uri', (value) => URL.canParse(value)],
  ['email', isEmail],
  ['hexcolor', (value) => /^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/iu.test(value)],
])

/** False if `value` breaks the format. A format that is not known asks nothing, as in Kubernetes. */
export function hasFormat(value: string | number, format: string): boolean {
  if (typeof value === 'string') return textFormats.get(format)?.(value) ?? true
  if (format === 'int32') return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31
  // Beyond 2^53 a JSON number has lost digits: better refused than stored wrong.
  if (format === 'int64') return Number.isSafeInteger(value)
  return true
}

import type { DevicePool, Host, HostType } from '../problem.ts'
import {
  type Fields,
  fieldOf,
  parseChoice,
  parseFlag,
  parseList,
  parseMap,
  parseName,
  parseObject,
  parseWhole,
  present,
  quote,
  refuseUnknown,
} from './fields.ts'

/** Amounts by resource; each resource must be defined. */
export function parseAmounts(
  fields: Fields,
  { value, at }: { readonly value: unknown; readonly at: string },
  resources: ReadonlySet<string>,
) {
  return parseMap(fields, { value, at }, (entry, entryAt, key) => {
    if (!resources.has(key))
      fields.refuse(entryAt, `names a resource that \`resources\` lacks; must be one of: ${[...resources].map(quote).join(', ')}`)
    return parseWhole(fields, entry ?? null, { at: entryAt })
  })
}

/** Labels: strings by key. */
export const parseLabels = (fields: Fields, value: unknown, at: string) =>
  parseMap(fields, { value, at }, (entry, entryAt) => {
    if (typeof entry === 'string' && entry.length <= 253) return entry
    fields.refuse(entryAt, 'must be a string of at most 253 characters')
    return undefined
  })

const typeFields = ['name', 'capacity', 'reserve', 'count', 'price', 'licencePrices', 'watts', 'numaNodes', 'devices', 'labels']

/** A host type, or undefined with causes. */
export function parseHostType(
  fields: Fields,
  { value, at }: { readonly value: unknown; readonly at: string },
  resources: ReadonlySet<string>,
) {
  const object = parseObject(fields, value, at)
  if (object === undefined) return undefined
  refuseUnknown(fields, object, { at, known: typeFields })
  const name = parseName(fields, fieldOf(object, 'name'), `${at}.name`)
  const amounts = (key: string) => parseAmounts(fields, { value: fieldOf(object, key), at: `${at}.${key}` }, resources)
  const whole = (key: string, limits: { readonly least?: number; readonly most?: number } = {}) =>
    parseWhole(fields, fieldOf(object, key), { at: `${at}.${key}`, ...limits })
  const capacity = amounts('capacity')
  if (fieldOf(object, 'capacity') === undefined) fields.refuse(`${at}.capacity`, 'must be given')
  const devices = parseList(
    fields,
    { value: fieldOf(object, 'devices'), at: `${at}.devices`, limits: { most: 64 } },
    (entry, entryAt) => parsePool(fields, entry, entryAt),
  )
  const type: HostType = present({
    name: name ?? '',
    capacity: capacity ?? {},
    reserve: amounts('reserve'),
    count: whole('count', { most: 10_000_000 }),
    price: whole('price', { most: 1e12 }),
    licencePrices: parseMap(fields, { value: fieldOf(object, 'licencePrices'), at: `${at}.licencePrices` }, (entry, entryAt) =>
      parseWhole(fields, entry ?? null, { at: entryAt, most: 1e12 }),
    ),
    watts: whole('watts', { most: 1e9 }),
    numaNodes: whole('numaNodes', { least: 1, most: 64 }),
    devices: devices.length === 0 ? undefined : devices,
    labels: parseLabels(fields, fieldOf(object, 'labels'), `${at}.labels`),
  })
  return type
}

function parsePool(fields: Fields, value: unknown, at: string): DevicePool | undefined {
  const object = parseObject(fields, value, at)
  if (object === undefined) return undefined
  refuseUnknown(fields, object, { at, known: ['model', 'count', 'shareable'] })
  return present({
    model: parseName(fields, fieldOf(object, 'model'), `${at}.model`) ?? '',
    count: parseWhole(fields, fieldOf(object, 'count') ?? null, { at: `${at}.count`, most: 1024 }) ?? 0,
    shareable: parseFlag(fields, fieldOf(object, 'shareable'), `${at}.shareable`),
  })
}

/** A host that exists, or undefined with causes. */
export function parseHost(
  fields: Fields,
  { value, at }: { readonly value: unknown; readonly at: string },
  types: ReadonlySet<string>,
): Host | undefined {
  const object = parseObject(fields, value, at)
  if (object === undefined) return undefined
  refuseUnknown(fields, object, { at, known: ['name', 'type', 'labels', 'state'] })
  const type = parseName(fields, fieldOf(object, 'type'), `${at}.type`)
  if (type !== undefined && !types.has(type))
    fields.refuse(`${at}.type`, `must be the name of a host type, but there is no '${type}'`)
  return present({
    name: parseName(fields, fieldOf(object, 'name'), `${at}.name`) ?? '',
    type: type ?? '',
    labels: parseLabels(fields, fieldOf(object, 'labels'), `${at}.labels`),
    state: parseChoice(fields, fieldOf(object, 'state'), { at: `${at}.state`, choices: ['Ready', 'Cordoned', 'Maintenance'] }),
  })
}

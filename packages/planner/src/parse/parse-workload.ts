import type { DeviceRequest, MoveTraits, Workload } from '../problem.ts'
import {
  type Fields,
  fieldOf,
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
import { parseAmounts, parseLabels } from './parse-hosts.ts'

/** What a workload may refer to. */
export interface WorkloadContext {
  readonly resources: ReadonlySet<string>
  /** Values of a curve; undefined if the problem has no timeline. */
  readonly points: number | undefined
}

const workloadFields = [
  'name',
  'requests',
  'curves',
  'app',
  'labels',
  'hostSelector',
  'devices',
  'singleNumaNode',
  'licence',
  'priority',
  'isProtected',
  'currentHost',
  'move',
]

/** A workload, or undefined with causes. */
export function parseWorkload(
  fields: Fields,
  { value, at }: { readonly value: unknown; readonly at: string },
  context: WorkloadContext,
): Workload | undefined {
  const object = parseObject(fields, value, at)
  if (object === undefined) return undefined
  refuseUnknown(fields, object, { at, known: workloadFields })
  const optionalName = (key: string) => {
    const name = fieldOf(object, key)
    return name === undefined ? undefined : parseName(fields, name, `${at}.${key}`)
  }
  if (fieldOf(object, 'requests') === undefined) fields.refuse(`${at}.requests`, 'must be given, if only as {}')
  const devices = parseList(
    fields,
    { value: fieldOf(object, 'devices'), at: `${at}.devices`, limits: { most: 64 } },
    (entry, entryAt) => parseDeviceRequest(fields, entry, entryAt),
  )
  return present({
    name: parseName(fields, fieldOf(object, 'name'), `${at}.name`) ?? '',
    requests: parseAmounts(fields, { value: fieldOf(object, 'requests'), at: `${at}.requests` }, context.resources) ?? {},
    curves: parseCurves(fields, { value: fieldOf(object, 'curves'), at: `${at}.curves` }, context),
    app: optionalName('app'),
    labels: parseLabels(fields, fieldOf(object, 'labels'), `${at}.labels`),
    hostSelector: parseLabels(fields, fieldOf(object, 'hostSelector'), `${at}.hostSelector`),
    devices: devices.length === 0 ? undefined : devices,
    singleNumaNode: parseFlag(fields, fieldOf(object, 'singleNumaNode'), `${at}.singleNumaNode`),
    licence: optionalName('licence'),
    priority: parseWhole(fields, fieldOf(object, 'priority'), { at: `${at}.priority`, least: -1e9, most: 1e9 }),
    isProtected: parseFlag(fields, fieldOf(object, 'isProtected'), `${at}.isProtected`),
    currentHost: optionalName('currentHost'),
    move: parseMove(fields, fieldOf(object, 'move'), `${at}.move`),
  })
}

function parseCurves(
  fields: Fields,
  source: { readonly value: unknown; readonly at: string },
  { resources, points }: WorkloadContext,
) {
  return parseMap(fields, source, (entry, at, key) => {
    if (!resources.has(key))
      fields.refuse(at, `names a resource that \`resources\` lacks; must be one of: ${[...resources].map(quote).join(', ')}`)
    if (points === undefined) {
      fields.refuse(at, 'may not be set while `timeline` is absent')
      return undefined
    }
    if (!Array.isArray(entry) || entry.length !== points) {
      fields.refuse(at, `must be a list of ${points} numbers, as \`timeline.count\` says`)
      return undefined
    }
    const values: readonly unknown[] = entry
    const wrong = values.findIndex((value) => !(typeof value === 'number' && Number.isSafeInteger(value) && value >= 0))
    if (wrong >= 0) fields.refuse(`${at}[${wrong}]`, `must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`)
    return wrong >= 0 ? undefined : (entry as readonly number[])
  })
}

function parseDeviceRequest(fields: Fields, value: unknown, at: string): DeviceRequest | undefined {
  const object = parseObject(fields, value, at)
  if (object === undefined) return undefined
  refuseUnknown(fields, object, { at, known: ['models', 'count', 'shares'] })
  const models = fieldOf(object, 'models')
  const count = parseWhole(fields, fieldOf(object, 'count') ?? null, { at: `${at}.count`, least: 1, most: 1024 }) ?? 1
  const shares = parseWhole(fields, fieldOf(object, 'shares') ?? null, { at: `${at}.shares`, least: 1, most: 1000 }) ?? 1000
  if (shares < 1000 && count !== 1) fields.refuse(`${at}.count`, 'must be 1 where `shares` is less than 1000')
  return present({
    models:
      models === undefined
        ? undefined
        : parseList(fields, { value: models, at: `${at}.models`, limits: { least: 1, most: 64 } }, (entry, entryAt) =>
            parseName(fields, entry, entryAt),
          ),
    count,
    shares,
  })
}

function parseMove(fields: Fields, value: unknown, at: string): MoveTraits | undefined {
  if (value === undefined) return undefined
  const object = parseObject(fields, value, at)
  if (object === undefined) return undefined
  const wholes = ['mebibytes', 'dirtyMebibytesPerSecond', 'lastMovedSecondsAgo', 'movesToday'] as const
  refuseUnknown(fields, object, { at, known: ['isMovable', ...wholes] })
  const [mebibytes, dirtyMebibytesPerSecond, lastMovedSecondsAgo, movesToday] = wholes.map((key) =>
    parseWhole(fields, fieldOf(object, key), { at: `${at}.${key}` }),
  )
  const isMovable = parseFlag(fields, fieldOf(object, 'isMovable'), `${at}.isMovable`)
  return present({ isMovable, mebibytes, dirtyMebibytesPerSecond, lastMovedSecondsAgo, movesToday })
}

import { ageOf } from './age.ts'
import { ageColumn, type Column, column, nameColumn, textAt, valuesAt } from './columns.ts'

const age = ageColumn('Age', '.metadata.creationTimestamp')
const none = '<none>'

/** A text column, with `<none>` or `fallback` for what is absent. */
const text = (name: string, path: string, more: { readonly wide?: boolean; readonly fallback?: string } = {}): Column =>
  column(name, (object) => textAt(path)(object) || (more.fallback ?? none), more)

const wide = { wide: true } as const

const countOf = (...paths: readonly string[]): ((object: unknown) => number) => {
  return (object) => paths.reduce((sum, path) => sum + Object.keys(valuesAt(object, path)[0] ?? {}).length, 0)
}

const rolePrefix = 'node-role.kubernetes.io/'

function rolesOf(node: unknown): string {
  const labels = Object.keys(valuesAt(node, '.metadata.labels')[0] ?? {})
  const roles = labels.filter((label) => label.startsWith(rolePrefix)).map((label) => label.slice(rolePrefix.length))
  return roles.toSorted().join(',') || none
}

function nodeStatus(node: unknown): string {
  const ready = textAt('.status.conditions[?(@.type=="Ready")].status')(node)
  const status = ready === 'True' ? 'Ready' : ready === '' ? 'Unknown' : 'NotReady'
  return valuesAt(node, '.spec.unschedulable')[0] === true ? `${status},SchedulingDisabled` : status
}

const accessModeNames: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

const accessModes =
  (path: string) =>
  (object: unknown): string =>
    valuesAt(object, path)
      .map((mode) => accessModeNames[String(mode)] ?? String(mode))
      .join(',')

/** A phase, or that the object is on its way out. */
const phase = (object: unknown): string =>
  textAt('.metadata.deletionTimestamp')(object) === '' ? textAt('.status.phase')(object) : 'Terminating'

function claimOf(volume: unknown): string {
  const [namespace, name] = [textAt('.spec.claimRef.namespace')(volume), textAt('.spec.claimRef.name')(volume)]
  return name === '' ? '' : `${namespace}/${name}`
}

function eventAge(event: unknown, nowMillis: number): string {
  const time = ['.series.lastObservedTime', '.lastTimestamp', '.eventTime', '.metadata.creationTimestamp']
  return ageOf(
    time.map((path) => valuesAt(event, path)[0]).find((value) => typeof value === 'string'),
    nowMillis,
  )
}

const eventObject = (event: unknown): string =>
  `${textAt('.involvedObject.kind')(event).toLowerCase()}/${textAt('.involvedObject.name')(event)}`

const event: readonly Column[] = [
  column('Last Seen', eventAge),
  text('Type', '.type', { fallback: '' }),
  text('Reason', '.reason', { fallback: '' }),
  column('Object', eventObject),
  text('Subobject', '.involvedObject.fieldPath', { ...wide, fallback: '' }),
  column('Source', (object) => textAt('.source.component')(object) || textAt('.reportingComponent')(object), wide),
  text('Message', '.message', { fallback: '' }),
  column(
    'First Seen',
    (object, now) => ageOf(valuesAt(object, '.firstTimestamp')[0] ?? valuesAt(object, '.eventTime')[0], now),
    wide,
  ),
  column('Count', (object) => valuesAt(object, '.count')[0] ?? 1, { ...wide, type: 'integer' }),
  { ...nameColumn, header: { ...nameColumn.header, priority: 1 } },
]

const node: readonly Column[] = [
  nameColumn,
  column('Status', nodeStatus),
  column('Roles', rolesOf),
  age,
  text('Version', '.status.nodeInfo.kubeletVersion', { fallback: '' }),
  text('Internal-IP', '.status.addresses[?(@.type=="InternalIP")].address', wide),
  text('External-IP', '.status.addresses[?(@.type=="ExternalIP")].address', wide),
  text('OS-Image', '.status.nodeInfo.osImage', { ...wide, fallback: '<unknown>' }),
  text('Kernel-Version', '.status.nodeInfo.kernelVersion', { ...wide, fallback: '<unknown>' }),
  text('Container-Runtime', '.status.nodeInfo.containerRuntimeVersion', { ...wide, fallback: '<unknown>' }),
]

const persistentVolume: readonly Column[] = [
  nameColumn,
  text('Capacity', '.spec.capacity.storage', { fallback: '' }),
  column('Access Modes', accessModes('.spec.accessModes[*]')),
  text('Reclaim Policy', '.spec.persistentVolumeReclaimPolicy', { fallback: '' }),
  column('Status', phase),
  column('Claim', claimOf),
  text('StorageClass', '.spec.storageClassName', { fallback: '' }),
  text('VolumeAttributesClass', '.spec.volumeAttributesClassName', { fallback: '<unset>' }),
  text('Reason', '.status.reason', { fallback: '' }),
  age,
  text('VolumeMode', '.spec.volumeMode', { ...wide, fallback: '<unset>' }),
]

const persistentVolumeClaim: readonly Column[] = [
  nameColumn,
  column('Status', phase),
  text('Volume', '.spec.volumeName', { fallback: '' }),
  text('Capacity', '.status.capacity.storage', { fallback: '' }),
  column('Access Modes', accessModes('.status.accessModes[*]')),
  text('StorageClass', '.spec.storageClassName', { fallback: '' }),
  text('VolumeAttributesClass', '.spec.volumeAttributesClassName', { fallback: '<unset>' }),
  age,
  text('VolumeMode', '.spec.volumeMode', { ...wide, fallback: '<unset>' }),
]

const defaultClass = '.metadata.annotations.storageclass\\.kubernetes\\.io/is-default-class'

const storageClass: readonly Column[] = [
  column('Name', (object) => `${textAt('.metadata.name')(object)}${isDefaultClass(object) ? ' (default)' : ''}`, {
    format: 'name',
  }),
  text('Provisioner', '.provisioner'),
  text('ReclaimPolicy', '.reclaimPolicy', { fallback: 'Delete' }),
  text('VolumeBindingMode', '.volumeBindingMode', { fallback: '<unset>' }),
  column('AllowVolumeExpansion', (object) => valuesAt(object, '.allowVolumeExpansion')[0] === true, { type: 'boolean' }),
  age,
]

function isDefaultClass(object: unknown): boolean {
  return textAt(defaultClass)(object) === 'true'
}

/** The columns of built-in kinds as users of kubectl know them, by `group/kind`. */
export const builtinColumns: ReadonlyMap<string, readonly Column[]> = new Map<string, readonly Column[]>([
  ['/Namespace', [nameColumn, column('Status', textAt('.status.phase')), age]],
  ['/Node', node],
  [
    '/Secret',
    [nameColumn, text('Type', '.type', { fallback: 'Opaque' }), column('Data', countOf('.data'), { type: 'integer' }), age],
  ],
  ['/ConfigMap', [nameColumn, column('Data', countOf('.data', '.binaryData'), { type: 'integer' }), age]],
  ['/ServiceAccount', [nameColumn, column('Secrets', countOf('.secrets'), { type: 'integer' }), age]],
  ['/Event', event],
  ['events.k8s.io/Event', event],
  ['coordination.k8s.io/Lease', [nameColumn, text('Holder', '.spec.holderIdentity', { fallback: '' }), age]],
  ['/PersistentVolume', persistentVolume],
  ['/PersistentVolumeClaim', persistentVolumeClaim],
  ['storage.k8s.io/StorageClass', storageClass],
  [
    'apiextensions.k8s.io/CustomResourceDefinition',
    [nameColumn, text('Created At', '.metadata.creationTimestamp', { fallback: '' })],
  ],
])

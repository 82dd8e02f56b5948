import { randomUUID } from 'node:crypto'
import {
  builtinKinds,
  type Condition,
  crdOf,
  type CustomResourceDefinition,
  customKinds,
  type DataVolume,
  type Schema,
  type VirtualMachine,
} from '@weir/api'
import { createApiServer, createAuthorizer, createTokenAuthenticator } from '@weir/apiserver'
import { silentLogger, systemClock } from '@weir/base'
import { createMemoryDriver, openRevisionLog } from '@weir/store'
import { beforeAll, describe, expect, it } from 'vitest'

/** The kinds of `packages/api` as the API server serves them: what it takes, prunes and refuses. */

interface Answer {
  readonly code: number
  readonly body: Record<string, unknown>
  readonly warning: string
}
interface Extra {
  readonly type?: string
  readonly accept?: string
}
type Send = (method: string, path: string, body?: unknown, extra?: Extra) => Promise<Answer>

let send: Send
beforeAll(async () => {
  const server = createApiServer({
    log: await openRevisionLog(createMemoryDriver()),
    clock: systemClock,
    logger: silentLogger,
    random: Math.random,
    newUid: randomUUID,
    builtins: builtinKinds,
    extensions: [],
    rawRoutes: [],
    authenticate: createTokenAuthenticator(new Map()),
    authorize: createAuthorizer({}),
  })
  await server.install(customKinds.map(crdOf))
  send = async (method, target, body, extra = {}) => {
    const [path = '', query = ''] = target.split('?')
    const answer = await server.handle({
      method,
      path,
      query: new URLSearchParams(query),
      headers: { 'content-type': extra.type ?? 'application/json', accept: extra.accept ?? 'application/json' },
      user: { name: 'admin', groups: ['system:masters'] },
      body: (async function* text() {
        if (body !== undefined) yield Buffer.from(JSON.stringify(body))
      })(),
      signal: new AbortController().signal,
    })
    const text = typeof answer.body === 'string' ? answer.body : (await Array.fromAsync(answer.body)).join('')
    return {
      code: answer.code,
      body: JSON.parse(text) as Answer['body'],
      warning: answer.headers['warning'] ?? answer.headers['Warning'] ?? '',
    }
  }
})

const machines = '/apis/kubevirt.io/v1/namespaces/default/virtualmachines'
const dataVolumes = '/apis/cdi.kubevirt.io/v1beta1/namespaces/default/datavolumes'

/** A machine as an import from VMware makes it: UEFI with secure boot, a TPM, fixed identities, Windows timers. */
const imported = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'erp', namespace: 'default', annotations: { 'weir.dev/original-name': 'ERP (prod)' } },
  spec: {
    runStrategy: 'Halted',
    template: {
      metadata: { labels: { 'kubevirt.io/domain': 'erp' } },
      spec: {
        domain: {
          cpu: { sockets: 2, cores: 4, threads: 1, maxSockets: 8 },
          memory: { guest: '8Gi', maxGuest: '32Gi' },
          machine: { type: 'q35' },
          firmware: {
            uuid: '564d1234-0000-4000-8000-0123456789ab',
            serial: 'VMware-56 4d 12 34',
            bootloader: { efi: { secureBoot: true, persistent: true } },
          },
          features: {
            acpi: {},
            smm: { enabled: true },
            hyperv: { relaxed: {}, vapic: {}, spinlocks: { spinlocks: 8191 }, synictimer: { direct: {} } },
          },
          clock: {
            timezone: 'Europe/Vienna',
            timer: {
              hpet: { present: false },
              hyperv: {},
              pit: { tickPolicy: 'delay' },
              rtc: { tickPolicy: 'catchup', track: 'guest' },
            },
          },
          devices: {
            disks: [
              { name: 'disk-1', bootOrder: 1, serial: '6000C29', disk: { bus: 'virtio' } },
              { name: 'disk-2', disk: { bus: 'scsi' } },
              { name: 'cloud-init', cdrom: { bus: 'sata', readonly: true } },
            ],
            interfaces: [
              {
                name: 'default',
                model: 'e1000e',
                macAddress: '00:50:56:12:34:56',
                masquerade: {},
                ports: [{ name: 'ssh', port: 22, protocol: 'TCP' }],
              },
              { name: 'vlan-7', bridge: {} },
            ],
            rng: {},
            tpm: { persistent: true },
            inputs: [{ name: 'tablet', type: 'tablet', bus: 'usb' }],
          },
        },
        networks: [
          { name: 'default', pod: {} },
          { name: 'vlan-7', multus: { networkName: 'vlan-7' } },
        ],
        volumes: [
          { name: 'disk-1', dataVolume: { name: 'erp-disk-1' } },
          { name: 'disk-2', persistentVolumeClaim: { claimName: 'erp-data' } },
          { name: 'cloud-init', cloudInitNoCloud: { userData: '#cloud-config\n' } },
        ],
        accessCredentials: [{ sshPublicKey: { source: { secret: { secretName: 'keys' } }, propagationMethod: { noCloud: {} } } }],
        nodeSelector: { zone: 'a' },
        terminationGracePeriodSeconds: 30,
      },
    },
  },
} satisfies VirtualMachine

/** A machine of KubeVirt's own documentation kind: a container disk, scratch space, a disk made with it. */
const fromTemplates = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    running: true,
    dataVolumeTemplates: [
      {
        metadata: { name: 'web-root' },
        spec: {
          source: { http: { url: 'https://images.example/web.qcow2' } },
          storage: { resources: { requests: { storage: '10Gi' } } },
        },
      },
    ],
    template: {
      spec: {
        domain: {
          resources: { requests: { memory: '512Mi', cpu: '500m' } },
          devices: { disks: [{ name: 'root', disk: {} }], interfaces: [{ name: 'default', masquerade: {} }] },
        },
        networks: [{ name: 'default', pod: {} }],
        volumes: [
          { name: 'root', dataVolume: { name: 'web-root' } },
          { name: 'tools', containerDisk: { image: 'quay.io/example/tools:1' } },
          { name: 'scratch', emptyDisk: { capacity: '1Gi' } },
        ],
      },
    },
  },
} satisfies VirtualMachine

const aDataVolume = (name: string, source: DataVolume['spec']['source'] & object): DataVolume => ({
  apiVersion: 'cdi.kubevirt.io/v1beta1',
  kind: 'DataVolume',
  metadata: { name, namespace: 'default' },
  spec: {
    source,
    contentType: 'kubevirt',
    storage: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
})

describe.each(customKinds.map((kind) => [kind.kind, crdOf(kind)] as const))('%s', (_, { metadata: { name } }) => {
  it('is established, and its schema is structural', async () => {
    const { code, body } = await send('GET', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`)
    const conditions = (body['status'] as CustomResourceDefinition['status'])?.conditions ?? []
    const statusOf = (type: string): Condition['status'] | undefined => conditions.find((each) => each.type === type)?.status
    expect([code, statusOf('Established'), statusOf('NonStructuralSchema') ?? 'False']).toEqual([200, 'True', 'False'])
  })
})

describe('what is taken', () => {
  it.each<[string, string, VirtualMachine | DataVolume]>([
    ['a machine from VMware', machines, imported],
    ['a machine with templates of disks', machines, fromTemplates],
    ['an upload', dataVolumes, aDataVolume('a', { upload: {} })],
    ['a download', dataVolumes, aDataVolume('b', { http: { url: 'https://x.example/d.qcow2' } })],
    ['a clone', dataVolumes, aDataVolume('c', { pvc: { namespace: 'default', name: 'a' } })],
    ['an empty disk', dataVolumes, aDataVolume('d', { blank: {} })],
  ])('%s, every field of it', async (_, path, object) => {
    const { code, body, warning } = await send('POST', `${path}?fieldValidation=Strict`, object)
    expect([code, warning]).toEqual([201, ''])
    expect(body['spec']).toEqual(object.spec)
  })

  it('unknown fields go, with a warning', async () => {
    const spec = { ...fromTemplates.spec, template: { spec: { ...fromTemplates.spec.template.spec, warpDrive: true } } }
    const named = { ...fromTemplates, metadata: { name: 'warp', namespace: 'default' }, spec }
    const { code, body, warning } = await send('POST', machines, named)
    expect(code).toBe(201)
    expect(warning).toContain(String.raw`unknown field \"spec.template.spec.warpDrive\"`)
    expect(body['spec']).toEqual(fromTemplates.spec)
  })
})

const template = imported.spec.template.spec
const withDevices = (devices: object): object => ({
  ...imported.spec,
  template: { spec: { ...template, domain: { ...template.domain, devices: { ...template.domain.devices, ...devices } } } },
})

describe('what is refused, by the field', () => {
  it.each<[string, object, string]>([
    ['a run strategy that is none', { ...imported.spec, runStrategy: 'Sometimes' }, 'spec.runStrategy'],
    ['no template', { runStrategy: 'Always' }, 'spec.template'],
    ['a disk without a name', withDevices({ disks: [{ disk: {} }] }), 'spec.template.spec.domain.devices.disks[0].name'],
    [
      'a bus that is none',
      withDevices({ disks: [{ name: 'd', disk: { bus: 'ide' } }] }),
      'spec.template.spec.domain.devices.disks[0].disk.bus',
    ],
    [
      'a MAC address that is none',
      withDevices({ interfaces: [{ name: 'n', macAddress: '00:50' }] }),
      'spec.template.spec.domain.devices.interfaces[0].macAddress',
    ],
    [
      'a port that is none',
      withDevices({ interfaces: [{ name: 'n', ports: [{ port: 65_536 }] }] }),
      'spec.template.spec.domain.devices.interfaces[0].ports[0].port',
    ],
    [
      'a memory size that is none',
      { ...imported.spec, template: { spec: { ...template, domain: { ...template.domain, memory: { guest: 'lots' } } } } },
      'spec.template.spec.domain.memory.guest',
    ],
  ])('%s', async (_, spec, field) => {
    const { code, body } = await send('POST', machines, { ...imported, metadata: { name: 'wrong', namespace: 'default' }, spec })
    const causes = (body['details'] as { readonly causes?: readonly { readonly field?: string }[] } | undefined)?.causes ?? []
    expect([code, causes.map((cause) => cause.field)]).toEqual([422, [field]])
  })

  it('a download without an address', async () => {
    const { code } = await send('POST', dataVolumes, { ...aDataVolume('x', {}), spec: { source: { http: {} } } })
    expect(code).toBe(422)
  })
})

it('a machine and a DataVolume show the columns that KubeVirt and CDI show', async () => {
  const columnsOf = async (path: string): Promise<unknown> => {
    const { body } = await send('GET', path, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
    return (body['columnDefinitions'] as readonly { readonly name: string }[]).map(({ name }) => name)
  }
  expect(await columnsOf(machines)).toEqual(['Name', 'Age', 'Status', 'Ready'])
  expect(await columnsOf(dataVolumes)).toEqual(['Name', 'Phase', 'Progress', 'Restarts', 'Age'])
  expect(await columnsOf('/apis/kubevirt.io/v1/namespaces/default/virtualmachineinstances')).toEqual([
    'Name',
    'Age',
    'Phase',
    'IP',
    'NodeName',
    'Ready',
    'Paused',
  ])
})

it('the status of a machine is written through its subresource alone', async () => {
  const object = { ...imported, metadata: { name: 'status', namespace: 'default' }, status: { printableStatus: 'Running' } }
  const { body } = await send('POST', machines, object)
  expect(body['status'] ?? {}).not.toMatchObject({ printableStatus: 'Running' })
  const written = await send(
    'PATCH',
    `${machines}/status/status`,
    { status: { printableStatus: 'Paused' } },
    {
      type: 'application/merge-patch+json',
    },
  )
  expect(written.body['status']).toMatchObject({ printableStatus: 'Paused' })
})

/** A level is structural if it says its type, or that it takes an integer or a string. */
function untypedLevels(schema: Schema, path: string): readonly string[] {
  const own = schema.type === undefined && schema['x-kubernetes-int-or-string'] !== true ? [path] : []
  const { additionalProperties } = schema
  return [
    ...own,
    ...Object.entries(schema.properties ?? {}).flatMap(([name, part]) => untypedLevels(part, `${path}.${name}`)),
    ...(schema.items === undefined ? [] : untypedLevels(schema.items, `${path}[]`)),
    ...(typeof additionalProperties === 'object' ? untypedLevels(additionalProperties, `${path}.*`) : []),
  ]
}

it('every level of every schema, of built-in kinds too, says its type', () => {
  expect([...builtinKinds, ...customKinds].flatMap(({ kind, schema }) => untypedLevels(schema, kind))).toEqual([])
})

import { WeirError } from '@weir/base'
import { keyOf, type KubernetesObjects, parseKubernetesObjects } from '@weir/estate'
import { type Fields, isFields } from '../../document/fields.ts'
import { readDocument } from '../../document/read-document.ts'

/** New objects of a cluster, none of which has a host, and how their workloads are called. */
export interface Newcomers {
  readonly objects: Required<Pick<KubernetesObjects, 'pods' | 'virtualMachineInstances'>>
  readonly names: readonly string[]
}

const manifestBytesMax = 16 * 2 ** 20

/**
 * The machines and pods that a manifest describes: a VirtualMachine, a VirtualMachineInstance, a Pod, or a List of them, in JSON or
 * YAML, in `namespace` where they name none.
 * @throws PLAN_PROBLEM_INVALID naming the field that is wrong
 */
export async function readManifest(file: string, namespace: string): Promise<Newcomers> {
  const document = await readDocument(file, { code: 'PLAN_PROBLEM_INVALID', bytesMax: manifestBytesMax })
  const items = isFields(document) && Array.isArray(document['items']) ? (document['items'] as readonly unknown[]) : [document]
  const found = items.map((item, index) => newcomerOf(item, { namespace, at: items.length === 1 ? '' : `items[${index}].` }))
  const pods = parseKubernetesObjects(
    'pods',
    found.flatMap(({ pod }) => pod ?? []),
  )
  const virtualMachineInstances = parseKubernetesObjects(
    'virtualMachineInstances',
    found.flatMap(({ instance }) => instance ?? []),
  )
  return {
    objects: { pods, virtualMachineInstances },
    names: [...virtualMachineInstances, ...pods].map(({ metadata }) => keyOf(metadata)),
  }
}

interface Newcomer {
  readonly pod?: Fields
  readonly instance?: Fields
}

function newcomerOf(item: unknown, { namespace, at }: { readonly namespace: string; readonly at: string }): Newcomer {
  const object = isFields(item) ? item : {}
  const metadata = fieldsOf(object['metadata'])
  const name = metadata['name']
  if (typeof name !== 'string' || name === '') throw wrong(`${at}metadata.name`, 'must be given')
  const key = { name, namespace: typeof metadata['namespace'] === 'string' ? metadata['namespace'] : namespace }
  const kind = object['kind']
  switch (kind) {
    case 'VirtualMachine': {
      const template = fieldsOf(fieldsOf(object['spec'])['template'])
      const labels = fieldsOf(template['metadata'])['labels']
      return { instance: { metadata: { ...key, labels }, spec: template['spec'], status: { phase: 'Pending' } } }
    }
    case 'VirtualMachineInstance':
      return {
        instance: { metadata: { ...key, labels: metadata['labels'] }, spec: object['spec'], status: { phase: 'Pending' } },
      }
    case 'Pod':
      return {
        pod: {
          metadata: { ...key, labels: metadata['labels'] },
          spec: { ...fieldsOf(object['spec']), nodeName: undefined },
          status: { phase: 'Pending' },
        },
      }
    default:
      throw wrong(`${at}kind`, "must be one of: 'VirtualMachine', 'VirtualMachineInstance', 'Pod'")
  }
}

const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {})

const wrong = (field: string, message: string): WeirError =>
  new WeirError('PLAN_PROBLEM_INVALID', `The manifest cannot be placed: \`${field}\` ${message}.`, {
    causes: [{ field, message }],
  })

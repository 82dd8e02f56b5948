import { cdiConfig, dataVolume } from './cdi.ts'
import { type CustomResourceDefinition, customResourceDefinition, lease } from './cluster.ts'
import { configMap, event, namespace, node, secret, serviceAccount } from './core.ts'
import { apiVersionOf, type KindDefinition } from './definition.ts'
import { virtualMachine, virtualMachineInstance } from './kubevirt.ts'
import { persistentVolume, persistentVolumeClaim, storageClass } from './storage.ts'

/** What the API server serves by itself. */
export const builtinKinds: readonly KindDefinition[] = [
  namespace,
  node,
  secret,
  configMap,
  serviceAccount,
  event,
  persistentVolume,
  persistentVolumeClaim,
  storageClass,
  lease,
  customResourceDefinition,
] as readonly KindDefinition[]

/** What is installed as CustomResourceDefinitions. */
export const customKinds: readonly KindDefinition[] = [
  virtualMachine,
  virtualMachineInstance,
  dataVolume,
  cdiConfig,
] as readonly KindDefinition[]

/** The CustomResourceDefinition that makes any API server serve `definition`. */
export function crdOf(definition: KindDefinition): CustomResourceDefinition {
  const { group, version, kind, plural, singular, shortNames, categories, namespaced, schema, statusSubresource, columns } =
    definition
  return {
    apiVersion: apiVersionOf({ group: 'apiextensions.k8s.io', version: 'v1' }),
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: {
        kind,
        plural,
        singular,
        listKind: `${kind}List`,
        ...(shortNames === undefined ? {} : { shortNames }),
        ...(categories === undefined ? {} : { categories }),
      },
      scope: namespaced ? 'Namespaced' : 'Cluster',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          ...(statusSubresource === true ? { subresources: { status: {} } } : {}),
          ...(columns === undefined ? {} : { additionalPrinterColumns: columns }),
        },
      ],
    },
  }
}

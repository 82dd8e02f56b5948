import type { KindDefinition, Schema } from './definition.ts'
import type { Condition, KubernetesObject } from './meta.ts'
import { boolean, conditions, integer, list, object, oneOfStrings, open, string } from './schemas.ts'

/** coordination.k8s.io/v1 Lease. */
export interface Lease extends KubernetesObject {
  readonly spec?: {
    readonly holderIdentity?: string
    readonly leaseDurationSeconds?: number
    readonly acquireTime?: string
    readonly renewTime?: string
    readonly leaseTransitions?: number
  }
}

/** One version of a CustomResourceDefinition. */
export interface CustomResourceDefinitionVersion {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly schema?: { readonly openAPIV3Schema?: Schema }
  readonly subresources?: { readonly status?: object; readonly scale?: object }
  readonly additionalPrinterColumns?: readonly object[]
}

/** apiextensions.k8s.io/v1 CustomResourceDefinition. */
export interface CustomResourceDefinition extends KubernetesObject {
  readonly spec: {
    readonly group: string
    readonly names: {
      readonly kind: string
      readonly plural: string
      readonly singular?: string
      readonly listKind?: string
      readonly shortNames?: readonly string[]
      readonly categories?: readonly string[]
    }
    readonly scope: 'Namespaced' | 'Cluster'
    readonly versions: readonly CustomResourceDefinitionVersion[]
  }
  readonly status?: {
    readonly conditions?: readonly Condition[]
    readonly acceptedNames?: object
    readonly storedVersions?: readonly string[]
  }
}

export const lease: KindDefinition<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  namespaced: true,
  schema: object({
    spec: object({
      holderIdentity: string('Who holds it'),
      leaseDurationSeconds: integer('How long it is held without renewal', 1),
      acquireTime: string(),
      renewTime: string('When the holder last said that it lives'),
      leaseTransitions: integer('How often the holder changed'),
      strategy: string(),
      preferredHolder: string(),
    }),
  }),
}

const names = object(
  {
    kind: string(),
    plural: string(),
    singular: string(),
    listKind: string(),
    shortNames: list(string()),
    categories: list(string()),
  },
  { required: ['kind', 'plural'] },
)

export const customResourceDefinition: KindDefinition<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  statusSubresource: true,
  schema: object(
    {
      spec: object(
        {
          group: string('The API group, a domain name'),
          names,
          scope: oneOfStrings(['Namespaced', 'Cluster']),
          preserveUnknownFields: boolean(),
          conversion: open,
          versions: list(
            object(
              {
                name: string(),
                served: boolean(),
                storage: boolean(),
                deprecated: boolean(),
                deprecationWarning: string(),
                schema: object({ openAPIV3Schema: open }),
                subresources: open,
                selectableFields: list(object({ jsonPath: string() })),
                additionalPrinterColumns: list(
                  object(
                    {
                      name: string(),
                      type: string(),
                      jsonPath: string(),
                      description: string(),
                      format: string(),
                      priority: integer(),
                    },
                    { required: ['name', 'type', 'jsonPath'] },
                  ),
                ),
              },
              { required: ['name', 'served', 'storage'] },
            ),
          ),
        },
        { required: ['group', 'names', 'scope', 'versions'] },
      ),
      status: object({ conditions, acceptedNames: { ...names, required: [] }, storedVersions: list(string()) }),
    },
    { required: ['spec'] },
  ),
}

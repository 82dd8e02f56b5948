import type { KindDefinition } from '@weir/api'
import { expect, it } from 'vitest'
import { createOpenApi } from './openapi.ts'

const vm: KindDefinition = {
  group: 'kubevirt.io',
  version: 'v1',
  kind: 'VirtualMachine',
  plural: 'virtualmachines',
  singular: 'virtualmachine',
  namespaced: true,
  statusSubresource: true,
  schema: {
    type: 'object',
    properties: { spec: { type: 'object', properties: { port: { 'x-kubernetes-int-or-string': true } } } },
  },
}
const node: KindDefinition = { ...vm, group: '', kind: 'Node', plural: 'nodes', singular: 'node', namespaced: false }

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>> }
}

const parse = (body: string | undefined): Document => JSON.parse(body ?? 'null') as Document

it('lists every group and version with a hash that changes with its kinds', () => {
  let kinds = [vm, node]
  let generation = 1
  const openApi = createOpenApi({ kinds: () => kinds, generation: () => generation })
  const before = openApi.index().body
  expect(Object.keys(parse(before).paths)).toEqual(['api/v1', 'apis/kubevirt.io/v1'])
  expect(openApi.index().body).toBe(before)
  kinds = [{ ...vm, schema: { type: 'object' } }]
  generation = 2
  expect(Object.keys(parse(openApi.index().body).paths)).toEqual(['apis/kubevirt.io/v1'])
  expect(before).not.toContain(openApi.document('apis/kubevirt.io/v1')?.etag)
  expect(openApi.document('api/v1')).toBeUndefined()
})

it('tells kubectl what it looks for', () => {
  const openApi = createOpenApi({ kinds: () => [vm, node], generation: () => 1 })
  const document = parse(openApi.document('apis/kubevirt.io/v1')?.body)
  const gvk = { group: 'kubevirt.io', kind: 'VirtualMachine', version: 'v1' }
  expect(document.components.schemas['io.kubevirt.v1.VirtualMachine']?.['x-kubernetes-group-version-kind']).toEqual([gvk])
  const object = '/apis/kubevirt.io/v1/namespaces/{namespace}/virtualmachines/{name}'
  const patch = document.paths[object]?.['patch']
  expect(patch?.['x-kubernetes-group-version-kind']).toEqual(gvk)
  expect(patch?.['x-kubernetes-action']).toBe('patch')
  const parameters = (patch?.['parameters'] ?? []) as readonly { readonly name: string }[]
  expect(parameters.map(({ name }) => name)).toEqual(['dryRun', 'fieldManager', 'fieldValidation', 'force'])
  expect(document.paths[`${object}/status`]?.['patch']?.['x-kubernetes-action']).toBe('patch')
})

it('refers only to schemas that are there', () => {
  const openApi = createOpenApi({ kinds: () => [vm, node], generation: () => 1 })
  for (const root of ['api/v1', 'apis/kubevirt.io/v1']) {
    const { body = '' } = openApi.document(root) ?? {}
    const names = Object.keys(parse(body).components.schemas)
    const references = [...body.matchAll(/"#\/components\/schemas\/([^"]+)"/gu)].map(([, name]) => name)
    expect(references.filter((name) => name === undefined || !names.includes(name))).toEqual([])
  }
})

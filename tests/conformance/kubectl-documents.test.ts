import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import type { KindDefinition } from '@weir/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubectl, pinnedKubectl, systemKubectl } from './kubectl.ts'
import { startStandIn } from './stand-in.ts'

const machine: KindDefinition = {
  group: 'kubevirt.io',
  version: 'v1',
  kind: 'VirtualMachine',
  plural: 'virtualmachines',
  singular: 'virtualmachine',
  shortNames: ['vm'],
  namespaced: true,
  columns: [{ name: 'Running', type: 'boolean', jsonPath: '.spec.running' }],
  schema: {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          running: { type: 'boolean' },
          disks: {
            type: 'array',
            items: { type: 'object', properties: { name: { type: 'string', description: 'The name of a disk.' } } },
          },
        },
      },
    },
  },
}
const configMap: KindDefinition = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  schema: { type: 'object', properties: { data: { type: 'object', additionalProperties: { type: 'string' } } } },
}

const manifest = (running: boolean, value: string): string => `
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: a, namespace: default}
spec: {running: ${running}, disks: [{name: root}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c, namespace: default}
data: {a: ${value}}
`

const pinned = await pinnedKubectl()
const system = await systemKubectl()
const clients = new Map<string, Kubectl>([
  ['kubectl 1.35', pinned],
  ...(system === undefined ? [] : ([["the system's kubectl", system]] as const)),
])

describe.each([...clients])('%s', (_, client) => {
  let server: Awaited<ReturnType<typeof startStandIn>>
  let cache: string
  beforeAll(async () => {
    server = await startStandIn([machine, configMap])
    cache = await mkdtemp(`${tmpdir()}/weir-kubectl-`)
  })
  afterAll(async () => {
    await server.close()
    await rm(cache, { recursive: true, force: true })
  })
  const kubectl = (args: readonly string[], input?: string) =>
    client.run(['--kubeconfig=/dev/null', `--cache-dir=${cache}`, '--server', server.url, ...args], input)

  it('explains a nested field and metadata', async () => {
    expect((await kubectl(['explain', 'vm.spec.disks.name'])).stdout).toContain('The name of a disk.')
    expect((await kubectl(['explain', 'cm.metadata.labels'])).stdout).toContain('FIELD: labels <map[string]string>')
  })

  it('creates, compares and updates custom and built-in objects by apply', async () => {
    const first = await kubectl(['apply', '-f', '-'], manifest(true, 'one'))
    expect(first.stdout).toBe('virtualmachine.kubevirt.io/a created\nconfigmap/c created\n')
    const difference = await kubectl(['diff', '-f', '-'], manifest(false, 'two'))
    expect(difference.code).toBe(1)
    expect(difference.stdout).toMatch(/^-\s+running: true\n\+\s+running: false$/mu)
    expect(difference.stdout).toMatch(/^-\s+a: one\n\+\s+a: two$/mu)
    const second = await kubectl(['apply', '-f', '-'], manifest(false, 'two'))
    expect(second.stdout).toBe('virtualmachine.kubevirt.io/a configured\nconfigmap/c configured\n')
    expect(server.object('/api/v1/namespaces/default/configmaps/c')).toMatchObject({ data: { a: 'two' } })
    const third = await kubectl(['apply', '-f', '-'], manifest(false, 'two'))
    expect(third.stdout).toBe('virtualmachine.kubevirt.io/a unchanged\nconfigmap/c unchanged\n')
  })

  it('prints the columns of the kind', async () => {
    const { stdout } = await kubectl(['get', 'vm'])
    expect(stdout.replaceAll(/ +/gu, ' ')).toBe('NAME RUNNING\na false\n')
  })

  it('tries a replacement without storing it', async () => {
    const { stdout } = await kubectl(['replace', '--dry-run=server', '-f', '-'], manifest(true, 'three'))
    expect(stdout).toContain('configmap/c replaced (server dry run)')
    expect(server.object('/api/v1/namespaces/default/configmaps/c')).toMatchObject({ data: { a: 'two' } })
  })
})

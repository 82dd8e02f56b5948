import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubectl, pinnedKubectl, systemKubectl } from './kubectl.ts'
import { createSession } from './kubectl-session.ts'
import { type LiveServer, startLiveServer } from './live-server.ts'

const manifest = (strategy: string, value: string): string => `
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: a, namespace: default}
spec:
  runStrategy: ${strategy}
  template:
    spec:
      domain:
        devices: {disks: [{name: root, disk: {bus: virtio}}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c, namespace: default}
data: {a: ${value}}
---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: default}
stringData: {password: ${value}}
`
const map = (name: string, namespace: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { x: '1' } })
const namespace = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })

const pinned = await pinnedKubectl()
const system = await systemKubectl()
const clients = new Map<string, Kubectl>([
  ['kubectl 1.35', pinned],
  ...(system === undefined ? [] : ([["the system's kubectl", system]] as const)),
])

describe.each([...clients])('%s', (_, client) => {
  let server: LiveServer
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(`${tmpdir()}/weir-kubectl-`)
    server = await startLiveServer(directory)
  })
  afterAll(async () => {
    await server.close()
    await rm(directory, { recursive: true, force: true })
  })
  const { kubectl, ok, start } = createSession(
    client,
    () => server,
    () => `${directory}/cache`,
  )

  it('discovers: version, api-resources, api-versions', async () => {
    expect(await ok('version')).toContain('Server Version: v1.35')
    const resources = await ok('api-resources')
    expect(resources).toMatch(/^virtualmachines +vm,vms +kubevirt\.io\/v1 +true +VirtualMachine$/mu)
    expect(resources).toMatch(/^configmaps +cm +v1 +true +ConfigMap$/mu)
    expect((await ok('api-versions')).split('\n')).toEqual(expect.arrayContaining(['v1', 'kubevirt.io/v1']))
  })

  it('explains a nested field and metadata', async () => {
    expect(await ok('explain vm.spec.template.spec.domain.devices.disks.disk.bus')).toContain('FIELD: bus <string>')
    expect(await ok('explain cm.metadata.labels')).toContain('FIELD: labels <map[string]string>')
  })

  it('creates, compares and updates custom and built-in objects by apply', async () => {
    const names = ['virtualmachine.kubevirt.io/a', 'configmap/c', 'secret/s']
    const said = (word: string): string => names.map((name) => `${name} ${word}\n`).join('')
    expect(await ok('apply -f -', manifest('Halted', 'one'))).toBe(said('created'))
    const difference = await kubectl('diff -f -', manifest('Manual', 'two'))
    expect(difference.code).toBe(1)
    expect(difference.stdout).toMatch(/^-\s+runStrategy: Halted\n\+\s+runStrategy: Manual$/mu)
    expect(difference.stdout).toMatch(/^-\s+a: one\n\+\s+a: two$/mu)
    expect(await ok('apply -f -', manifest('Manual', 'two'))).toBe(said('configured'))
    expect(await ok('get secret s -o jsonpath={.data.password}')).toBe(Buffer.from('two').toString('base64'))
    expect(await ok('diff -f -', manifest('Manual', 'two').split('---').slice(0, 2).join('---'))).toBe('')
  })

  it('tries a replacement without storing it', async () => {
    expect(await ok('replace --dry-run=server -f -', manifest('Halted', 'three'))).toContain(
      'configmap/c replaced (server dry run)',
    )
    expect(await ok('get cm c -o jsonpath={.data.a}')).toBe('two')
  })

  it('patches: merge, JSON, strategic, status', async () => {
    await ok('patch vm a --type=merge -p {"metadata":{"labels":{"tier":"web"}}}')
    await ok('patch vm a --type=json -p [{"op":"replace","path":"/spec/runStrategy","value":"Halted"}]')
    await ok('patch cm c --type=strategic -p {"data":{"b":"3"}}')
    await ok(
      'patch vm a --subresource=status --type=merge -p {"status":{"printableStatus":"Running","conditions":[{"type":"Ready","status":"True"}]}}',
    )
    expect(await ok('get vm a -o jsonpath={.metadata.labels.tier},{.spec.runStrategy},{.status.printableStatus}')).toBe(
      'web,Halted,Running',
    )
    expect(await ok('get cm c -o jsonpath={.data}')).toBe('{"a":"two","b":"3"}')
  })

  it('labels and annotates', async () => {
    await ok('label cm c tier=db')
    await ok('annotate cm c note=here')
    expect(await ok('get cm -l tier=db -o jsonpath={.items[*].metadata.annotations.note}')).toBe('here')
    await ok('label cm c tier-')
    expect(await ok('get cm -l tier=db -o name')).toBe('')
    expect(await ok('get cm c -o jsonpath={.metadata.labels}')).toBe('')
  })

  it('prints tables, names, YAML, JSON', async () => {
    expect((await ok('get vm')).replaceAll(/ +/gu, ' ')).toMatch(/^NAME AGE STATUS READY\na \S+ Running True\n$/u)
    expect(await ok('get vm -A -o wide')).toMatch(/^NAMESPACE +NAME/u)
    expect(await ok('get vm/a cm/c -o name')).toBe('virtualmachine.kubevirt.io/a\nconfigmap/c\n')
    expect(await ok('get cm c -o yaml')).toContain('kind: ConfigMap')
    expect(JSON.parse(await ok('get cm c -o json'))).toMatchObject({ kind: 'ConfigMap', data: { a: 'two' } })
    expect(await ok('get ns --sort-by=.metadata.name -o custom-columns=N:.metadata.name --no-headers')).toMatch(/^default\n/u)
    expect(await ok('get cm c --show-managed-fields=false -o jsonpath={.metadata.uid}')).toMatch(/^[0-9a-f-]{36}$/u)
    await ok('get all -A')
    expect((await kubectl('get vm none')).stderr).toContain('(NotFound): virtualmachines.kubevirt.io "none" not found')
  })

  it('describes', async () => {
    expect(await ok('describe vm a')).toMatch(/Run Strategy: +Halted/u)
    expect(await ok('describe cm c')).toContain('two')
    expect(await ok('describe ns default')).toMatch(/Status: +Active/u)
  })

  it('watches', async () => {
    await ok('apply -f -', map('w', 'default'))
    // kubectl reads the object, then watches, and does not print the state with which its watch begins: it never shows a
    // change that falls in between. So changes go on until it has shown one.
    const watching = start('get cm w -w -o jsonpath={.data.x};', (seen) => seen.split(';').length > 2)
    for (let x = 2; watching.isRunning(); x++) await ok(`patch cm w --type=merge -p {"data":{"x":"${x}"}}`)
    const values = (await watching.output).split(';').slice(0, -1).map(Number)
    expect(values.length).toBeGreaterThan(1)
    expect(values).toEqual([...new Set(values)].toSorted((a, b) => a - b))
  })

  it('waits for conditions, values and deletion', async () => {
    expect(await ok('wait vm/a --for=condition=Ready --timeout=20s')).toContain('condition met')
    const value = ok('wait cm/c --for=jsonpath={.data.a}=four --timeout=20s')
    await ok('patch cm c --type=merge -p {"data":{"a":"four"}}')
    expect(await value).toContain('condition met')
    const gone = ok('wait cm/w --for=delete --timeout=20s')
    await ok('delete cm w --wait=false')
    await gone
  })

  it('deletes, and waits until it is gone', async () => {
    expect(await ok('delete vm a')).toContain('"a" deleted')
    expect(await ok('delete vm a --ignore-not-found')).toBe('')
    await ok('apply -f -', map('d', 'default').replace('"data"', '"immutable":false,"data"'))
    await ok('delete cm d --cascade=foreground --timeout=20s')
    await ok('delete secret --all')
    expect(await ok('get vm,secret -o name')).toBe('')
  })

  it('ends a namespace with all that is in it', async () => {
    await ok('apply -f -', namespace('team'))
    await ok('apply -f -', map('x', 'team'))
    await ok('delete ns team --timeout=30s')
    expect(await ok('get cm -A -o name')).not.toContain('/x')
  })

  it('creates by its own commands, whose bodies are protobuf', async () => {
    expect(await ok('create namespace n')).toBe('namespace/n created\n')
    expect(await ok('create configmap m -n n --from-literal=a=1 --from-literal=empty=')).toBe('configmap/m created\n')
    expect(await ok('create secret generic s -n n --from-literal=password=geheim')).toBe('secret/s created\n')
    expect(await ok('create serviceaccount robot -n n')).toBe('serviceaccount/robot created\n')
    expect(await ok('get cm m -n n -o jsonpath={.data}')).toBe('{"a":"1","empty":""}')
    expect(await ok('get secret s -n n -o jsonpath={.type},{.data.password}')).toBe(
      `Opaque,${Buffer.from('geheim').toString('base64')}`,
    )
    expect(await ok('create cm dry -n n --from-literal=a=1 --dry-run=server -o name')).toBe('configmap/dry\n')
    expect((await kubectl('get cm dry -n n')).code).toBe(1)
    expect((await kubectl('create namespace n')).stderr).toContain('namespaces "n" already exists')
    expect((await kubectl('create namespace Not_A_Name')).stderr).toContain('a lowercase RFC 1123 label')
    await ok('delete ns n --timeout=30s')
  })

  it('is told what is not served yet', async () => {
    expect((await kubectl('apply --server-side -f -', map('ssa', 'default'))).stderr).toContain('application/apply-patch+yaml')
    expect((await kubectl('create token default')).code).toBe(1)
    await ok('create -f -', map('m', 'default'))
  })
})

import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pinnedKubectl } from './kubectl.ts'
import { createSession } from './kubectl-session.ts'
import { type LiveServer, startLiveServer } from './live-server.ts'

const definition = (more = ''): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.example.dev}
spec:
  group: example.dev
  scope: Namespaced
  names: {kind: Gadget, plural: gadgets, shortNames: [gd], categories: [tools]}
  versions:
  - name: v1beta1
    served: true
    storage: false
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
    - {name: Port, type: string, jsonPath: .spec.port, priority: 1}
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          spec:
            type: object
            description: What the gadget is to be.
            required: [size]
            properties:
              size: {type: integer, minimum: 1, maximum: 9, description: How large it is.}
              mode: {type: string, enum: [Slow, Fast], default: Slow}
              port: {x-kubernetes-int-or-string: true}
              extra: {type: object, x-kubernetes-preserve-unknown-fields: true}${more}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
`
const gadget = (name: string, spec: string): string => `
apiVersion: example.dev/v1
kind: Gadget
metadata: {name: ${name}, namespace: default}
spec: ${spec}
`

const pinned = await pinnedKubectl()

describe("somebody's own CustomResourceDefinition", () => {
  let server: LiveServer
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(`${tmpdir()}/weir-kinds-`)
    server = await startLiveServer(directory)
  })
  afterAll(async () => {
    await server.close()
    await rm(directory, { recursive: true, force: true })
  })
  let caches = 0
  const { kubectl, ok } = createSession(
    pinned,
    () => server,
    () => `${directory}/cache-${caches}`,
  )

  it('is refused with reasons while it is not structural', async () => {
    const { stderr } = await kubectl('create -f -', definition('\n              loose: {}'))
    expect(stderr).toContain('properties[spec].properties[loose].type: Required value: must not be empty')
  })

  it('is established, discovered and explained', async () => {
    expect(await ok('create -f -', definition())).toBe(
      'customresourcedefinition.apiextensions.k8s.io/gadgets.example.dev created\n',
    )
    await ok('wait crd/gadgets.example.dev --for=condition=Established --timeout=20s')
    caches++
    expect(await ok('api-resources --api-group=example.dev')).toMatch(/^gadgets +gd +example\.dev\/v1 +true +Gadget$/mu)
    expect(await ok('explain gadget.spec.size')).toContain('How large it is.')
    expect(await ok('get crd gadgets.example.dev -o jsonpath={.status.storedVersions}')).toBe('["v1"]')
  })

  it('makes its objects valid: defaults, pruning, strict fields, int-or-string, free fields', async () => {
    expect((await kubectl('apply -f -', gadget('a', '{size: 10}'))).stderr).toContain(
      'spec.size in body should be less than or equal to 9',
    )
    expect((await kubectl('apply -f -', gadget('a', '{size: 1, colour: red}'))).stderr).toContain('unknown field "spec.colour"')
    expect((await kubectl('apply --validate=false -f -', gadget('a', '{size: 1, mode: Wild}'))).stderr).toContain(
      'Unsupported value: "Wild": supported values: "Slow", "Fast"',
    )
    await ok('apply --validate=ignore -f -', gadget('a', '{size: 1, colour: red, port: http, extra: {k: {l: [1]}}}'))
    expect(JSON.parse(await ok('get gd a -o jsonpath={.spec}'))).toEqual({
      size: 1,
      mode: 'Slow',
      port: 'http',
      extra: { k: { l: [1] } },
    })
  })

  it('prints its columns, by kind and by category', async () => {
    await ok('patch gd a --subresource=status --type=merge -p {"status":{"conditions":[{"type":"Ready","status":"True"}]}}')
    expect((await ok('get gd')).replaceAll(/ +/gu, ' ')).toBe('NAME SIZE READY\na 1 True\n')
    expect((await ok('get tools -o wide')).replaceAll(/ +/gu, ' ')).toBe('NAME SIZE READY PORT\na 1 True http\n')
    expect((await ok('get gadgets.v1beta1.example.dev a')).replaceAll(/ +/gu, ' ')).toMatch(/^NAME AGE\na \S+\n$/u)
  })

  it('lets its objects be edited, and names be made', async () => {
    const editor = `${directory}/editor.sh`
    await writeFile(editor, '#!/bin/sh\nsed -i "s/size: 1/size: 2/" "$1"\n')
    await chmod(editor, 0o755)
    process.env['KUBE_EDITOR'] = editor
    expect(await ok('edit gd a')).toContain('gadget.example.dev/a edited')
    expect(await ok('get gd a -o jsonpath={.spec.size},{.metadata.generation}')).toBe('2,2')
    const made = await ok('create -o name -f -', gadget('x', '{size: 3}').replace('name: x', 'generateName: made-'))
    expect(made).toMatch(/^gadget\.example\.dev\/made-[a-z0-9]{5}\n$/u)
  })

  it('shows old objects by a schema that has changed', async () => {
    await ok('apply -f -', definition('\n              weight: {type: integer, default: 7}'))
    expect(await ok('get gd a -o jsonpath={.spec.weight}')).toBe('7')
    expect((await kubectl('apply -f -', definition().replace('scope: Namespaced', 'scope: Cluster'))).stderr).toContain(
      'spec.scope: Invalid value: "Cluster": field is immutable',
    )
  })

  it('pages through many objects', async () => {
    const many = Array.from({ length: 25 }, (_, i) => gadget(`m-${10 + i}`, '{size: 4}')).join('---')
    await ok('create -f -', many)
    const names = (await ok('get gd --chunk-size=4 -o name')).trim().split('\n')
    expect(names).toHaveLength(27)
    expect(new Set(names).size).toBe(27)
  })

  it('deletes dependents with their owner, or leaves them', async () => {
    const uid = await ok('get gd a -o jsonpath={.metadata.uid}')
    const owned = (name: string): string =>
      gadget(name, '{size: 5}').replace(
        'metadata: {',
        `metadata: {ownerReferences: [{apiVersion: example.dev/v1, kind: Gadget, name: a, uid: ${uid}, blockOwnerDeletion: true}], `,
      )
    await ok('create -f -', owned('child'))
    await ok('delete gd a --cascade=orphan --timeout=20s')
    expect(await ok('get gd child -o jsonpath={.metadata.ownerReferences}')).toBe('')
    await ok('create -f -', gadget('a', '{size: 1}'))
    const next = await ok('get gd a -o jsonpath={.metadata.uid}')
    await ok('create -f -', owned('child-2').replace(uid, next))
    await ok('delete gd a --cascade=foreground --timeout=20s')
    expect(await ok('get gd child-2 --ignore-not-found')).toBe('')
  })

  it('takes its objects with it', async () => {
    await ok('delete crd gadgets.example.dev --timeout=30s')
    caches++
    expect((await kubectl('get gd')).stderr).toContain('the server doesn\'t have a resource type "gd"')
  })

  it('is one of the things that health and raw requests tell of', async () => {
    expect(await ok('get --raw /readyz?verbose')).toBe('[+]ping ok\n[+]store ok\nreadyz check passed\n')
    expect(JSON.parse(await ok('get --raw /version'))).toMatchObject({ major: '1', minor: '35' })
  })
})

describe('bearer tokens', () => {
  let server: LiveServer
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(`${tmpdir()}/weir-token-`)
    server = await startLiveServer(directory)
    await writeFile(`${directory}/ca.pem`, server.caPem)
  })
  afterAll(async () => {
    await server.close()
    await rm(directory, { recursive: true, force: true })
  })
  const run = (token: string, args: string) =>
    pinned.run([
      '--kubeconfig=/dev/null',
      `--server=https://127.0.0.1:${server.port}`,
      `--certificate-authority=${directory}/ca.pem`,
      `--token=${token}`,
      `--cache-dir=${directory}/cache`,
      ...args.split(' '),
    ])

  it('let their bearers do what these may, and nobody else anything', async () => {
    expect((await run(server.readerToken, 'get cm -o name')).code).toBe(0)
    expect((await run(server.readerToken, 'get secret')).stderr).toContain(
      'secrets is forbidden: User "reader" cannot list resource "secrets" in API group "" in the namespace "default"',
    )
    expect((await run(server.readerToken, 'create cm x')).stderr).toContain('cannot create resource "configmaps"')
    expect((await run('guessed', 'get cm')).stderr).toMatch(/Unauthorized|must be logged in/u)
  })

  it('are told who they are and what they may', async () => {
    expect((await run(server.readerToken, 'auth whoami')).stdout).toMatch(/^Username +reader$/mu)
    expect((await run(server.readerToken, 'auth can-i list configmaps')).stdout).toBe('yes\n')
    expect(await run(server.readerToken, 'auth can-i delete configmaps')).toMatchObject({ code: 1, stdout: 'no\n' })
    expect((await run(server.readerToken, 'auth can-i get /healthz')).stdout).toBe('yes\n')
    expect((await run(server.readerToken, 'auth can-i --list')).stdout).toMatch(/^configmaps +\[\] +\[\] +\[get list watch\]$/mu)
  })
})

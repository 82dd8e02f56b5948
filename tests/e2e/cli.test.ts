import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { virtualMachine } from '@weir/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProgram } from '../../apps/weir/src/program.ts'
import { completionFor } from '../../apps/weir/src/cli/completion.ts'
import { type LiveServer, startLiveServer } from '../conformance/live-server.ts'
import { type CommandResult, runWeir } from './command/run-weir.ts'
import { main } from './data-center/weir-home.ts'

/** The command against an API that has objects and no engine: what it prints, and what it ends with. */
const directory = mkdtempSync(join(tmpdir(), 'weir-cli-'))
let server: LiveServer

const run = (words: readonly string[], kubeconfig = server.kubeconfig): Promise<CommandResult> =>
  runWeir(words, { environment: { KUBECONFIG: kubeconfig, WEIR_HOME: join(directory, 'nothing') } })
const weir = (...words: readonly string[]): Promise<CommandResult> => run(words)

const machine = (name: string, labels = {}): string =>
  JSON.stringify({
    apiVersion: 'kubevirt.io/v1',
    kind: virtualMachine.kind,
    metadata: { name, labels },
    spec: { runStrategy: 'Halted', template: { spec: { domain: { devices: {} } } } },
  })
const machines = '/apis/kubevirt.io/v1/namespaces/default/virtualmachines'

beforeAll(async () => {
  server = await startLiveServer(directory)
  await weir('api', 'POST', '/api/v1/namespaces', '-d', '{"metadata":{"name":"other"}}')
  for (const name of ['web', 'db', 'old'])
    expect((await weir('api', 'post', machines, '-d', machine(name, { tier: name }))).code).toBe(0)
  await weir('api', 'post', machines.replace('default', 'other'), '-d', machine('far'))
})

afterAll(async () => {
  await server.close()
  rmSync(directory, { recursive: true, force: true })
})

describe('what it prints', () => {
  it('a table, wider ones, and one of all namespaces', async () => {
    expect((await weir('vm', 'list')).out).toMatch(/^NAME +AGE +STATUS +READY\ndb .*\nold .*\nweb .*\n$/u)
    expect((await weir('vm', 'list', '--no-headers', '-l', 'tier=web')).out).toMatch(/^web [^\n]*\n$/u)
    expect((await weir('vm', 'list', '-A')).out).toMatch(/^NAMESPACE +NAME .*\ndefault +db .*\n(.*\n)*other +far /u)
    expect((await weir('vm', 'ls', '-o', 'wide')).out).toMatch(
      /^NAME +AGE +STATUS +READY.* NODE +IP +CPU +MEMORY +GUEST OS +PORTS\ndb .* <none> +<none> +1 +<none> +<none> +<none>\n/u,
    )
  })

  it('names that kubectl takes, one document of JSON, and YAML', async () => {
    expect((await weir('vm', 'list', '-o', 'name', '-n', 'other')).out).toBe('virtualmachine.kubevirt.io/far\n')
    expect(JSON.parse((await weir('vm', 'get', 'web', '-o', 'json')).out)).toMatchObject({ metadata: { name: 'web' } })
    const list = JSON.parse((await weir('vm', 'list', '-o', 'json')).out) as { readonly items: readonly unknown[] }
    expect(list).toMatchObject({ kind: 'List', items: [{ kind: 'VirtualMachine' }, {}, {}] })
    expect((await weir('vm', 'get', 'web', '-o', 'yaml')).out).toMatch(/^apiVersion: kubevirt\.io\/v1\nkind: VirtualMachine\n/u)
  })

  it('what happened, in its order, of one thing alone if asked', async () => {
    const event = (name: string, of: string) =>
      JSON.stringify({
        metadata: { name, namespace: 'other' },
        involvedObject: { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', namespace: 'other', name: of },
        reason: name,
        type: 'Normal',
      })
    for (const [name, of] of [
      ['second.b', 'far'],
      ['first.a', 'near'],
      ['third.a', 'far'],
    ] as const)
      await weir('api', 'POST', '/api/v1/namespaces/other/events', '-d', event(name, of))
    const reasons = async (...words: readonly string[]): Promise<readonly string[]> =>
      (await weir('events', '-n', 'other', '--no-headers', ...words)).out.match(/\w+\.[ab]/gu) ?? []
    expect(await reasons()).toEqual(['second.b', 'first.a', 'third.a'])
    expect(await reasons('--for', 'far')).toEqual(['second.b', 'third.a'])
  })

  it('what a patch has made, be it of fields or of operations', async () => {
    const patch = async (body: unknown): Promise<unknown> => {
      const { metadata } = JSON.parse((await weir('api', 'patch', `${machines}/web`, '-d', JSON.stringify(body))).out) as {
        readonly metadata: { readonly annotations: Readonly<Record<string, string>> }
      }
      return metadata.annotations
    }
    expect(await patch({ metadata: { annotations: { a: '1' } } })).toEqual({ a: '1' })
    expect(await patch([{ op: 'add', path: '/metadata/annotations/b', value: '2' }])).toEqual({ a: '1', b: '2' })
  })

  it('nothing but data to standard output', async () => {
    const empty = await weir('vm', 'list', '-l', 'tier=none')
    expect([empty.code, empty.out, empty.err]).toEqual([0, '', 'No resources found in default namespace.\n'])
  })

  it('the answer to any request: JSON laid out, other texts as they are, a watch as it comes', async () => {
    expect((await weir('api', 'get', '/readyz')).out).toBe('ok')
    const { out } = await weir('api', 'GET', `${machines}/web`)
    expect(out.startsWith('{\n  "apiVersion": "kubevirt.io/v1",\n')).toBe(true)
    const watched = await weir('api', 'get', `${machines}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dweb`)
    expect(JSON.parse(watched.out)).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'web' } } })
  })

  it('changes as they come, one JSON event a line', async () => {
    await weir('api', 'post', machines, '-d', machine('fresh', { tier: 'new' }))
    const child = spawn(process.execPath, [main, 'vm', 'list', '-w', '-o', 'json', '-l', 'tier=new'], {
      env: { ...process.env, KUBECONFIG: server.kubeconfig },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const events = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const nextType = async (): Promise<string> =>
      (JSON.parse(String((await events.next()).value)) as { readonly type: string }).type
    expect(await nextType()).toBe('ADDED')
    await weir('vm', 'delete', 'fresh')
    expect([await nextType(), await nextType()]).toEqual(['MODIFIED', 'DELETED'])
    child.kill('SIGINT')
  })
})

describe('what it ends with', () => {
  it('0 if all went well, 3 if a part did, 1 if nothing did', async () => {
    expect(await weir('vm', 'delete', 'old')).toMatchObject({ code: 0, out: 'virtualmachine.kubevirt.io/old deleted\n' })
    await weir('api', 'post', machines, '-d', machine('old'))
    const partly = await weir('vm', 'delete', 'nope', 'old')
    expect(partly).toMatchObject({ code: 3, out: 'virtualmachine.kubevirt.io/old deleted\n' })
    expect(partly.err).toMatch(/^error: .*"nope" not found\nhint: /u)
    expect((await weir('vm', 'delete', 'nope')).code).toBe(1)
  })

  it.each([
    ['an unknown command', ['frobnicate']],
    ['a format that there is not', ['vm', 'list', '-o', 'xml']],
    ['a missing argument', ['vm', 'start']],
    ['several names to be watched', ['vm', 'get', 'web', 'db', '-w']],
    ['a number that is none', ['up', '--hosts', 'many']],
    ['a path that is none', ['api', 'GET', 'nope']],
    ['a body that is no JSON', ['api', 'POST', '/api', '-d', '{']],
    ['a verb that there is not', ['vm', 'describe', 'web']],
  ])('2 for %s', async (_, words) => {
    expect((await run(words)).code).toBe(2)
  })

  it('words that lead on', async () => {
    expect((await weir('vm', 'describe', 'web')).err).toMatch(/unknown command 'describe'[^]*kubectl describe vm NAME/u)
    expect((await weir('vm', 'console', 'web')).err).toBe("error: 'web' is stopped; start it first: weir vm start web\n")
    expect((await weir('vm', 'console', 'nope')).err).toMatch(/^error: the console of 'nope' could not be opened: /u)
    expect((await weir('api', 'GET', '/nope')).err).not.toMatch(/hint/u)
  })

  it('1 and the way out if there is no API', async () => {
    const answer = await run(['vm', 'list'], join(directory, 'no-kubeconfig'))
    expect(answer.code).toBe(1)
    expect(answer.err).toMatch(/^error: There is no kubeconfig .*\nhint: start the data center with 'weir up'/u)
  })

  it('1 and the way out if there is no kubeconfig to print', async () => {
    const { code, err } = await weir('kubeconfig')
    expect([code, err.includes('ENOENT'), err.includes("hint: start the data center with 'weir up'")]).toEqual([1, false, true])
  })

  it('2 when it is interrupted, whatever it waits for', async () => {
    // It takes connections and never answers.
    const deaf = createServer((socket) => socket.on('error', () => {}).resume())
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve))
    const kubeconfig = join(directory, 'deaf.json')
    const cluster = { server: `http://127.0.0.1:${(deaf.address() as AddressInfo).port}` }
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        clusters: [{ name: 'deaf', cluster }],
        contexts: [{ name: 'deaf', context: { cluster: 'deaf' } }],
        'current-context': 'deaf',
      }),
    )
    const codes: (number | null)[] = []
    for (const words of ['status', 'vm list', 'vm delete web', 'api get /api/v1/pods']) {
      const asked = once(deaf, 'connection')
      const child = spawn(process.execPath, [main, ...words.split(' ')], {
        env: { ...process.env, KUBECONFIG: kubeconfig },
        stdio: 'ignore',
      })
      const ended = once(child, 'exit') as Promise<[number | null]>
      await asked
      child.kill('SIGINT')
      codes.push((await ended)[0])
    }
    expect(codes).toEqual([2, 2, 2, 2])
    await new Promise((resolve) => deaf.close(resolve))
  })

  it('4 if the API does not know who asks', async () => {
    const stranger = join(directory, 'stranger')
    const config = JSON.parse(readFileSync(server.kubeconfig, 'utf8')) as { readonly users: readonly object[] }
    writeFileSync(stranger, JSON.stringify({ ...config, users: [{ name: 'admin', user: { token: 'stranger' } }] }), {
      mode: 0o600,
    })
    expect(await run(['vm', 'list'], stranger)).toMatchObject({ code: 4, err: expect.stringMatching(/hint: /u) })
  })
})

describe('completion', () => {
  const complete = (...words: readonly string[]): Promise<string> =>
    new Promise((resolve) => {
      const script = `weir() { printf 'virtualmachine.kubevirt.io/web\\nvirtualmachine.kubevirt.io/db\\n'; }
${completionFor('bash', createProgram())}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}
_weir_complete
printf '%s' "\${COMPREPLY[*]}"`
      execFile('bash', ['-c', script], (_, out) => resolve(out))
    })

  it.each([
    [['weir', 'vm', 'st'], 'start stop'],
    [['weir', 'vm', 'start', ''], 'web db'],
    [['weir', 'vm', 'stop', 'web', 'd'], 'db'],
    [['weir', 'vm', 'stop', '--'], '--force'],
    [['weir', '-n', 'vm', 'vm', 'list', '--no'], '--no-headers'],
    [['weir', 'plan', 'reb'], 'rebalance'],
    [['weir', 'plan', '--ex'], '--explain'],
    [['weir', 'plan', 'drain', '--at'], '--at-once'],
    [['weir', 'plan', '--problem', 'drain', 'place', '--req'], '--request'],
    [['weir', 'plan', 'waves', '--cut'], '--cut-overs'],
  ])('of %j gives %s', async (words, expected) => {
    expect(await complete(...words)).toBe(expected)
  })
})

import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  node,
  persistentVolumeClaim,
  type VirtualMachine,
  virtualMachine,
  type VirtualMachineInstance,
  virtualMachineInstance,
} from '@weir/api'
import type { AssessmentReport } from '@weir/assessment'
import { silentLogger } from '@weir/base'
import { type Client, createClient } from '@weir/client'
import { type MovePlan, parseProblem } from '@weir/planner'
import { checkMoves } from '@weir/planner/checker'
import { eventually } from '@weir/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createHttpsTransport, type HttpsTransport, tlsOptions } from '../../apps/weir/src/cli/https-transport.ts'
import { type Connection, loadConnection } from '../../apps/weir/src/cli/kubeconfig.ts'
import { type DataCenter, startDataCenter } from '../../apps/weir/src/daemon/data-center.ts'
import { createStateDirectory, stateDirectory } from '../../apps/weir/src/daemon/state-directory.ts'
import { writeTinyDisk } from './machines/tiny-guest.ts'

/** A whole data center of this process, over HTTPS and with real guests in emulation. */
const home = mkdtempSync(join(tmpdir(), 'weir-hosts-'))
const directory = stateDirectory({ WEIR_HOME: home })
let dataCenter: DataCenter
let connection: Connection
let transport: HttpsTransport
let client: Client

async function begin(hosts?: number): Promise<void> {
  dataCenter = await startDataCenter({ directory, port: 0, logger: silentLogger, ...(hosts === undefined ? {} : { hosts }) })
  connection = loadConnection({ kubeconfig: directory.kubeconfig })
  transport = createHttpsTransport(connection)
  client = createClient(transport)
}
async function end(options: { readonly guestGraceMillis?: number } = {}): Promise<void> {
  transport.close()
  await dataCenter.stop(options)
}
beforeAll(async () => {
  process.env['WEIR_ACCEL'] = 'tcg'
  createStateDirectory(directory)
  await begin(3)
})
afterAll(async () => {
  await end({ guestGraceMillis: 1000 })
  rmSync(home, { recursive: true, force: true })
})

const keyOf = (name: string) => ({ namespace: 'default', name })
const machine = (name: string): Promise<VirtualMachine> => client.get(virtualMachine, keyOf(name))
const instance = (name: string): Promise<VirtualMachineInstance> => client.get(virtualMachineInstance, keyOf(name))
const isCalled = (name: string, word: string) => eventually(async () => (await machine(name)).status?.printableStatus === word)
const isGone = (name: string) =>
  eventually(async () => !(await client.list(virtualMachineInstance)).items.some(({ metadata }) => metadata.name === name))
const ask = (name: string, verb: string, body: object = {}) =>
  client.raw(
    'PUT',
    `/apis/subresources.kubevirt.io/v1/namespaces/default/${verb.includes('pause') ? 'virtualmachineinstances' : 'virtualmachines'}/${name}/${verb}`,
    body,
  )

/** A boot sector that runs in a circle and hears nothing. */
function writeDeafDisk(path: string): void {
  const disk = Buffer.alloc(1 << 20)
  Buffer.from([0xfa, 0xeb, 0xfe]).copy(disk)
  disk.writeUInt16LE(0xaa55, 510)
  writeFileSync(path, disk)
}

interface Wish {
  readonly disk?: (path: string) => void
  readonly domain?: Partial<VirtualMachine['spec']['template']['spec']['domain']>
  readonly graceSeconds?: number
}

/** A machine with a boot disk of a claim, a seed and scratch space; it runs when this resolves. */
async function run(name: string, { disk = writeTinyDisk, domain = {}, graceSeconds }: Wish = {}): Promise<void> {
  await client.create(persistentVolumeClaim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: keyOf(name),
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
  })
  const bound = await eventually(async () => {
    const found = await client.get(persistentVolumeClaim, keyOf(name))
    return found.status?.phase === 'Bound' ? found : undefined
  })
  disk(join(directory.volumes, bound.metadata.uid ?? '', 'disk.img'))
  await client.create(virtualMachine, {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: keyOf(name),
    spec: {
      runStrategy: 'Always',
      template: {
        spec: {
          ...(graceSeconds === undefined ? {} : { terminationGracePeriodSeconds: graceSeconds }),
          domain: {
            memory: { guest: '16Mi' },
            ...domain,
            devices: {
              disks: ['root', 'tmp', 'seed'].map((each) => ({ name: each, disk: { bus: 'virtio' as const } })),
              interfaces: [{ name: 'default', masquerade: {}, ports: [{ port: 22 }] }],
            },
          },
          networks: [{ name: 'default', pod: {} }],
          volumes: [
            { name: 'root', persistentVolumeClaim: { claimName: name } },
            { name: 'tmp', emptyDisk: { capacity: '1Mi' } },
            { name: 'seed', cloudInitNoCloud: { userData: '#cloud-config\n' } },
          ],
        },
      },
    },
  })
  await isCalled(name, 'Running')
}
/** What a command prints to standard output; it has to end well. */
const weir = (...words: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const main = fileURLToPath(new URL('../../apps/weir/src/main.ts', import.meta.url))
    const env = { ...process.env, KUBECONFIG: directory.kubeconfig }
    execFile(process.execPath, [main, ...words], { env }, (error, out) => (error === null ? resolve(out) : reject(error)))
  })

/** The pid of a machine's process, by its working directory. */
async function pidOf(name: string): Promise<number> {
  const { uid = '' } = (await instance(name)).metadata
  return Number(readFileSync(join(directory.machines, uid, 'process'), 'utf8').split(' ')[0])
}
const commandOf = (pid: number): readonly string[] => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')

/** Where a process listens on TCP, as `address:port` (proc(5), /proc/net/tcp: state 0A; addresses are little-endian). */
function listenersOf(pid: number): readonly string[] {
  const links = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => readLink(`/proc/${pid}/fd/${fd}`))
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/u))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && links.includes(`socket:[${inode}]`))
      .map(([, local = '']) => {
        const [address = '', port = ''] = local.split(':')
        const bytes =
          address
            .match(/../gu)
            ?.map((byte) => Number.parseInt(byte, 16))
            .toReversed() ?? []
        return `${bytes.join('.')}:${Number.parseInt(port, 16)}`
      }),
  )
}

const readLink = (path: string): readonly string[] => {
  try {
    return [readlinkSync(path)]
  } catch {
    return []
  }
}

/** A conversation with a guest over a WebSocket; resolves with all that was heard once `until` is in it. */
function converse(
  name: string,
  stream: 'console' | 'vnc',
  talk: { readonly say?: string; readonly until: string },
): Promise<string> {
  const path = `/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/${name}/${stream}`
  const socket = new WebSocket(
    `${connection.server.replace(/^http/u, 'ws')}${path}`,
    ['plain.kubevirt.io'],
    tlsOptions(connection),
  )
  let heard = ''
  return new Promise((resolve, reject) => {
    socket.on('open', () => talk.say !== undefined && socket.send(Buffer.from(talk.say)))
    socket.on('message', (data: Buffer) => {
      heard += data.toString('latin1')
      if (!heard.includes(talk.until)) return
      socket.close()
      resolve(heard)
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`the ${stream} ended after ${JSON.stringify(heard)}`)))
  })
}

describe('three hosts of one machine', { timeout: 120_000 }, () => {
  it('are there, each a part of it', async () => {
    const { items } = await client.list(node)
    expect(items).toHaveLength(3)
    for (const { status } of items)
      expect(status?.conditions).toMatchObject([
        { type: 'Ready', status: 'True' },
        { type: 'KvmUsable', status: 'False', message: expect.stringContaining('software emulation') },
      ])
  })

  // Alone: the tiny guests run in circles and leave little of the machine to it.
  it('start UEFI firmware', async () => {
    const firmware = { bootloader: { efi: { secureBoot: false } } }
    await run('efi', { graceSeconds: 0, domain: { firmware, memory: { guest: '128Mi' }, machine: { type: 'q35' } } })
    expect(await converse('efi', 'console', { until: 'BdsDxe' })).toContain('BdsDxe')
    await client.delete(virtualMachine, keyOf('efi'))
    await isGone('efi')
  })

  it('run a guest each, as a user of its own, with sockets for nobody else', async () => {
    const hosts = (await client.list(node)).items.map(({ metadata }) => metadata.name).toSorted()
    const cordon = (name: string, unschedulable: boolean) =>
      client.patch(node, { name }, { type: 'merge', body: { spec: { unschedulable } } })
    for (const [index, host] of hosts.entries()) {
      await Promise.all(hosts.map((each) => cordon(each, each !== host)))
      await run(`vm-${index}`)
    }
    await Promise.all(hosts.map((each) => cordon(each, false)))
    const users = new Set<string>()
    for (const [index, host] of hosts.entries()) {
      expect((await instance(`vm-${index}`)).status?.nodeName).toBe(host)
      const pid = await pidOf(`vm-${index}`)
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      users.add(/^Uid:\t(\d+)/mu.exec(status)?.[1] ?? '')
      expect(/^CapEff:\t(\w+)$/mu.exec(status)?.[1]).toBe('0000000000000000')
      expect(/^Seccomp:\t(\d)$/mu.exec(status)?.[1]).toBe('2')
      expect(commandOf(pid)).toContain('on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny')
      const folder = join(directory.machines, (await instance(`vm-${index}`)).metadata.uid ?? '', 'run')
      const sockets = readdirSync(folder).filter((file) => statSync(join(folder, file)).isSocket())
      expect(sockets.toSorted()).toEqual(['agent.sock', 'qmp.sock', 'serial.sock', 'vnc.sock'])
      for (const file of sockets) expect(statSync(join(folder, file)).mode & 0o077).toBe(0)
    }
    expect(users.size).toBe(process.geteuid?.() === 0 ? 3 : 1)
    expect(users.has('0')).toBe(false)
  })

  it('are read and planned for by commands that know nothing but the API', async () => {
    const problem = parseProblem(JSON.parse(await weir('plan', 'snapshot')))
    const [first = ''] = (problem.hosts ?? []).map(({ name }) => name).toSorted()
    const plan = JSON.parse(await weir('plan', 'drain', first, '--cluster', '-o', 'json')) as MovePlan
    const hosts = problem.hosts?.map((host) => (host.name === first ? { ...host, state: 'Maintenance' as const } : host)) ?? []
    expect(checkMoves({ ...problem, hosts }, plan)).toEqual([])
    expect([plan.emptiedHosts, plan.moves.map(({ workload, mebibytes }) => [workload, mebibytes])]).toEqual([
      [first],
      [['default/vm-0', 16]],
    ])
    const report = JSON.parse(await weir('assess', '--cluster', '-o', 'json', '--iterations', '100')) as AssessmentReport
    expect(report.inventory).toMatchObject({ hosts: 3, machines: 3, poweredOn: 3, memoryBytes: 3 * 16 * 2 ** 20 })
  })

  it('let a guest listen nowhere on TCP but on its forwarded port of loopback: no monitor, no screen', async () => {
    const hostPort = (await instance('vm-0')).status?.interfaces?.[0]?.ports?.[0]?.hostPort
    expect(listenersOf(await pidOf('vm-0'))).toEqual([`127.0.0.1:${hostPort}`])
  })

  it('give the CPUs, the memory, the machine, the disks and the seed that were asked for', async () => {
    const cpu = { sockets: 1, cores: 2, threads: 1 }
    await run('large', { domain: { memory: { guest: '32Mi' }, cpu, machine: { type: 'pc' } } })
    const command = commandOf(await pidOf('large'))
    expect(command).toContain('cpus=2,sockets=1,cores=2,threads=1')
    expect(command).toContain('size=32M')
    expect(command.some((word) => word.startsWith('pc,'))).toBe(true)
    expect(command.filter((word) => word.includes('"node-name":"disk'))).toHaveLength(2)
    expect(command.some((word) => word.includes('seed.iso'))).toBe(true)
    expect(await converse('large', 'console', { until: 'UP' })).toContain('UP')
    await client.delete(virtualMachine, keyOf('large'))
    await isGone('large')
  })

  it('carry console and screen over WebSockets', async () => {
    expect(await converse('vm-0', 'console', { say: 'abc', until: 'bcd' })).toContain('UP\r\n')
    expect(await converse('vm-0', 'vnc', { until: '\n' })).toBe('RFB 003.008\n')
  })

  it('pause, unpause, restart, stop and start', async () => {
    await ask('vm-0', 'pause')
    await isCalled('vm-0', 'Paused')
    await ask('vm-0', 'unpause')
    await isCalled('vm-0', 'Running')
    const before = (await instance('vm-0')).metadata.uid
    await ask('vm-0', 'restart')
    await eventually(
      async () =>
        (await instance('vm-0')).metadata.uid !== before && (await machine('vm-0')).status?.printableStatus === 'Running',
    )
    await converse('vm-0', 'console', { until: 'UP' })
    await ask('vm-0', 'stop')
    await isGone('vm-0')
    await isCalled('vm-0', 'Stopped')
    await expect(ask('vm-0', 'stop')).rejects.toMatchObject({ code: 'API_CONFLICT' })
    await ask('vm-0', 'start')
    await isCalled('vm-0', 'Running')
  })

  it('ask a guest to power off, and end one that does not hear after its grace period', async () => {
    await run('deaf', { disk: writeDeafDisk, graceSeconds: 1 })
    const pid = await pidOf('deaf')
    await ask('deaf', 'stop')
    await isGone('deaf')
    expect(readdirSync('/proc')).not.toContain(String(pid))
  })

  it('become one when Weir starts again with one: guests run on, on the host that stays', async () => {
    const pids = await Promise.all(['vm-0', 'vm-1', 'vm-2'].map(pidOf))
    await end()
    await begin(1)
    const [only, ...others] = (await client.list(node)).items
    expect(others).toEqual([])
    for (const [index, pid] of pids.entries()) {
      expect((await instance(`vm-${index}`)).status?.nodeName).toBe(only?.metadata.name)
      expect(await pidOf(`vm-${index}`)).toBe(pid)
    }
    expect(await converse('vm-2', 'console', { say: 'a', until: 'b' })).toContain('UP\r\n')
    await client.delete(virtualMachine, keyOf('vm-2'))
    await isGone('vm-2')
    await end()
    await begin(2)
    expect((await client.list(node)).items).toHaveLength(2)
    expect(await pidOf('vm-1')).toBe(pids[1])
  })
})

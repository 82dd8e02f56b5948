import type { KubernetesNode, KubernetesObjects, KubernetesPod, KubevirtInstance, SchedulingRules } from '@weir/estate'
import { parseProblem, planMoves, type PlacementProblem } from '@weir/planner'
import { checkMoves } from '@weir/planner/checker'
import { describe, expect, it } from 'vitest'
import { type Fabric, fabricProblem } from './fabric-problem.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const minutesAgo = (minutes: number): string => new Date(now - minutes * 60_000).toISOString()

const aNode = (
  name: string,
  more: { labels?: Readonly<Record<string, string>>; spec?: KubernetesNode['spec']; ready?: boolean } = {},
): KubernetesNode => ({
  metadata: { name, labels: { 'kubernetes.io/hostname': name, ...more.labels } },
  ...(more.spec === undefined ? {} : { spec: more.spec }),
  status: {
    capacity: { cpu: '8', memory: '32Gi', pods: '110', 'nvidia.com/gpu': '2' },
    allocatable: { cpu: '7500m', memory: '30Gi', pods: '110', 'nvidia.com/gpu': '2' },
    conditions: [{ type: 'Ready', status: more.ready === false ? 'Unknown' : 'True' }],
  },
})

interface PodWish {
  readonly host?: string
  readonly owner?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly requests?: Readonly<Record<string, string>>
  readonly spec?: SchedulingRules
}

const aPod = (
  name: string,
  { host, owner = 'ReplicaSet', labels = {}, requests = { cpu: '1', memory: '1Gi' }, spec = {} }: PodWish = {},
): KubernetesPod => ({
  metadata: {
    name,
    namespace: 'shop',
    labels,
    ...(owner === '' ? {} : { ownerReferences: [{ kind: owner, name: name.replace(/-\d+$/u, ''), controller: true }] }),
  },
  spec: { ...spec, ...(host === undefined ? {} : { nodeName: host }), containers: [{ resources: { requests } }] },
  status: { phase: 'Running' },
})

const aMachine = (name: string, host: string, status: KubevirtInstance['status'] = {}): KubevirtInstance => ({
  metadata: { name, namespace: 'shop' },
  spec: { domain: { cpu: { cores: 4 }, memory: { guest: '8Gi' }, devices: {} } },
  status: { phase: 'Running', nodeName: host, ...status },
})

/** A fabric whose problem is a good document. */
function read(objects: KubernetesObjects): Fabric {
  const fabric = fabricProblem(objects, { name: 'prod', now })
  expect(parseProblem(JSON.parse(JSON.stringify(fabric.problem)))).toEqual(fabric.problem)
  return fabric
}
const workload = ({ problem }: Fabric, name: string) => problem.workloads.find((each) => each.name === `shop/${name}`)
const host = ({ problem }: Fabric, name: string) => problem.hosts?.find((each) => each.name === name)

describe('hosts of a fabric', () => {
  it('are what is allocatable, and of that what daemons leave', () => {
    const { problem } = read({
      nodes: [aNode('n1'), aNode('n2')],
      pods: [aPod('logs-1', { host: 'n1', owner: 'DaemonSet' }), aPod('etcd', { host: 'n1', owner: 'Node' })],
    })
    expect(problem.workloads).toEqual([])
    expect(problem.hostTypes).toEqual([
      {
        name: '8c-32GiB',
        capacity: { cpu: 8000, memory: 32_768, pods: 110 },
        reserve: { cpu: 2500, memory: 4096, pods: 2 },
        count: 1,
      },
      { name: '8c-32GiB #2', capacity: { cpu: 8000, memory: 32_768, pods: 110 }, reserve: { cpu: 500, memory: 2048 }, count: 1 },
    ])
  })

  it('take nothing new while they are cordoned or not ready, and what is on the latter stays', () => {
    const fabric = read({
      nodes: [aNode('n1', { spec: { unschedulable: true } }), aNode('n2', { ready: false })],
      virtualMachineInstances: [aMachine('a', 'n1'), aMachine('b', 'n2')],
    })
    expect(fabric.problem.hosts?.map(({ state }) => state)).toEqual(['Cordoned', 'Cordoned'])
    expect(workload(fabric, 'a')?.move).toEqual({ mebibytes: 8192 })
    expect(fabric.staysBecause).toEqual(new Map([['shop/b', 'its host n2 is not ready']]))
  })

  it('that count no pods take any number of them', () => {
    const uncounted = { metadata: { name: 'n1' }, status: { allocatable: { cpu: '1', memory: '1Gi' } } }
    const { problem } = read({ nodes: [uncounted], pods: [aPod('p-1', { host: 'n1' })] })
    expect(problem.resources.map(({ name }) => name)).toEqual(['cpu', 'memory'])
    expect(problem.workloads[0]?.requests).toEqual({ cpu: 1000, memory: 1024 })
  })

  it('that nobody lists are told, with what is on them', () => {
    const fabric = read({ nodes: [aNode('n1')], pods: [aPod('lost-1', { host: 'gone' })] })
    expect(fabric.problem.workloads).toEqual([])
    expect(fabric.findings).toContainEqual(expect.objectContaining({ kind: 'Contradictory', object: 'machine/shop/lost-1' }))
  })
})

describe('what runs on a fabric', () => {
  it('asks for what its pod does, or else for what KubeVirt would ask', () => {
    const launcher: KubernetesPod = {
      ...aPod('virt-launcher-a', { host: 'n1', requests: { cpu: '600m', memory: '9Gi', 'devices.kubevirt.io/kvm': '1' } }),
      metadata: { name: 'virt-launcher-a', namespace: 'shop', ownerReferences: [{ kind: 'VirtualMachineInstance', name: 'a' }] },
    }
    const fabric = read({
      nodes: [aNode('n1')],
      pods: [launcher],
      virtualMachineInstances: [aMachine('a', 'n1'), aMachine('b', 'n1')],
    })
    expect(workload(fabric, 'a')?.requests).toEqual({ cpu: 600, memory: 9216, pods: 1 })
    expect(workload(fabric, 'b')?.requests).toEqual({ cpu: 400, memory: 8192 + 220 + 16 + 32 + 8 + 32, pods: 1 })
    expect(fabric.problem.workloads).toHaveLength(2)
  })

  it('counts twice where a machine is on its way: the pod that waits for it holds room', () => {
    const launcherOn = (name: string, nodeName: string): KubernetesPod => ({
      ...aPod(name, { host: nodeName }),
      metadata: { name, namespace: 'shop', ownerReferences: [{ kind: 'VirtualMachineInstance', name: 'a' }] },
    })
    const fabric = read({
      nodes: [aNode('n1'), aNode('n2')],
      pods: [launcherOn('to', 'n2'), launcherOn('from', 'n1')],
      virtualMachineInstances: [aMachine('a', 'n1', { migrationState: { startTimestamp: minutesAgo(1) } })],
    })
    expect(fabric.problem.workloads.map(({ name, currentHost, move }) => [name, currentHost, move])).toEqual([
      ['shop/a', 'n1', { isMovable: false }],
      ['shop/to', 'n2', { isMovable: false }],
    ])
    expect(fabric.staysBecause.get('shop/a')).toBe('it is on its way to another host already')
  })

  it('has other resources too, and what was measured as well as what was not', () => {
    const fabric = read({
      nodes: [aNode('n1')],
      pods: [aPod('train-1', { host: 'n1', requests: { 'nvidia.com/gpu': '2', cpu: '1' } }), aPod('web-1', { host: 'n1' })],
      podMetrics: [
        { metadata: { name: 'train-1', namespace: 'shop' }, containers: [{ usage: { cpu: '1500m', memory: '100Mi' } }] },
      ],
    })
    expect(fabric.problem.resources.map(({ name }) => name)).toEqual([
      'cpu',
      'memory',
      'pods',
      'nvidia.com/gpu',
      'cpuUsed',
      'memoryUsed',
    ])
    expect(workload(fabric, 'train-1')?.requests).toEqual({
      cpu: 1000,
      'nvidia.com/gpu': 2,
      pods: 1,
      cpuUsed: 1500,
      memoryUsed: 100,
    })
    expect(workload(fabric, 'web-1')?.requests).toEqual({ cpu: 1000, memory: 1024, pods: 1, cpuUsed: 1000, memoryUsed: 1024 })
    expect(fabric.problem.hostTypes[0]?.capacity).toMatchObject({ 'nvidia.com/gpu': 2, cpuUsed: 8000, memoryUsed: 32_768 })
  })

  it.each([
    ['a bare pod', aPod('p-1', { host: 'n1', owner: '' }), /no controller/u],
    ['a pod of a Job', aPod('p-1', { host: 'n1', owner: 'Job' }), /its Job does not put another one in its place/u],
    ['a pod of a spent budget', aPod('p-1', { host: 'n1', labels: { app: 'q' } }), /the disruption budget q allows none/u],
  ])('stays if it is %s', (_, pod, why) => {
    const disruptionBudgets = [
      {
        metadata: { name: 'q', namespace: 'shop' },
        spec: { selector: { matchLabels: { app: 'q' } } },
        status: { disruptionsAllowed: 0 },
      },
    ]
    const fabric = read({ nodes: [aNode('n1')], pods: [pod], disruptionBudgets })
    expect(fabric.staysBecause.get('shop/p-1')).toMatch(why)
    expect(workload(fabric, 'p-1')?.move).toEqual({ isMovable: false })
  })

  it('rests after its moves of the day', () => {
    const migration = (name: string, minutes: number, phase = 'Succeeded') => ({
      metadata: { name, namespace: 'shop', creationTimestamp: minutesAgo(minutes) },
      spec: { vmiName: 'a' },
      status: { phase },
    })
    const fabric = read({
      nodes: [aNode('n1')],
      virtualMachineInstances: [
        aMachine('a', 'n1', { migrationState: { startTimestamp: minutesAgo(6), endTimestamp: minutesAgo(5), completed: true } }),
      ],
      migrations: [migration('1', 6), migration('2', 600), migration('3', 2000), migration('4', 20, 'Failed')],
    })
    expect(workload(fabric, 'a')?.move).toEqual({ mebibytes: 8192, lastMovedSecondsAgo: 300, movesToday: 2 })
  })

  it('bears one name each, also where a pod is called like a machine', () => {
    const fabric = read({
      nodes: [aNode('n1')],
      pods: [aPod('a', { host: 'n1' })],
      virtualMachineInstances: [aMachine('a', 'n1')],
    })
    expect(fabric.problem.workloads.map(({ name }) => name)).toEqual(['shop/a', 'shop/a #2'])
  })

  it('with quantities that are none is still counted, and told', () => {
    const fabric = read({ nodes: [aNode('n1')], pods: [aPod('p-1', { host: 'n1', requests: { cpu: 'lots', memory: '1Gi' } })] })
    expect(workload(fabric, 'p-1')?.requests).toEqual({ memory: 1024, pods: 1 })
    expect(fabric.findings).toContainEqual(expect.objectContaining({ kind: 'Invalid', object: 'machine/shop/p-1', field: 'cpu' }))
  })
})

const antiAffinity = (app: string, topologyKey = 'kubernetes.io/hostname'): SchedulingRules => ({
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app } }, topologyKey }],
    },
  },
})
const affinity = (app: string): SchedulingRules => ({
  affinity: {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app } }, topologyKey: 'zone' }],
    },
  },
})

describe('rules of a fabric', () => {
  const nodes = [aNode('n1', { labels: { zone: 'a', disk: 'fast' } }), aNode('n2', { labels: { zone: 'b' } })]
  const pods = (app: string, count: number, spec: SchedulingRules = {}): readonly KubernetesPod[] =>
    Array.from({ length: count }, (_, index) => aPod(`${app}-${index}`, { host: `n${1 + (index % 2)}`, labels: { app }, spec }))

  it('of guests that keep apart from their own kind are one rule', () => {
    expect(read({ nodes, pods: pods('q', 2, antiAffinity('q')) }).problem.rules).toEqual([
      {
        type: 'AntiAffinity',
        name: 'anti-affinity of shop/ReplicaSet/q',
        topologyKey: 'host',
        workloads: { names: ['shop/q-0', 'shop/q-1'] },
      },
    ])
  })

  it('of guests that keep away from others are pairs', () => {
    const { problem } = read({ nodes, pods: [...pods('web', 2, antiAffinity('db', 'zone')), ...pods('db', 1)] })
    expect(problem.rules?.map((rule) => (rule.type === 'AntiAffinity' ? [rule.topologyKey, rule.workloads.names] : []))).toEqual([
      ['zone', ['shop/db-0', 'shop/web-0']],
      ['zone', ['shop/db-0', 'shop/web-1']],
    ])
    expect(problem.hosts?.map(({ labels }) => labels?.['zone'])).toEqual(['a', 'b'])
  })

  it('of guests that are near each other or near others are kept', () => {
    const near = read({ nodes, pods: pods('q', 2, affinity('q')) }).problem.rules
    expect(near).toMatchObject([{ type: 'Affinity', topologyKey: 'zone', workloads: { names: ['shop/q-0', 'shop/q-1'] } }])
    const on = read({ nodes, pods: [...pods('web', 1, affinity('db')), ...pods('db', 1)] }).problem.rules
    expect(on).toMatchObject([{ type: 'Dependency', workloads: { names: ['shop/web-0'] }, on: { names: ['shop/db-0'] } }])
    const nowhere = read({ nodes, pods: pods('web', 1, affinity('db')) })
    expect([nowhere.problem.rules, nowhere.findings]).toEqual([
      [],
      [
        expect.objectContaining({
          object: 'rule/affinity of shop/ReplicaSet/web',
          message: expect.stringMatching(/nothing of what it wants/u),
        }),
      ],
    ])
  })

  it('that spread guests become the most of a domain', () => {
    const topologySpreadConstraints = [
      { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } },
      { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: { app: 'web' } } },
    ]
    expect(read({ nodes, pods: pods('web', 5, { topologySpreadConstraints }) }).problem.rules).toMatchObject([
      { type: 'MaxPerDomain', topologyKey: 'zone', max: 3 },
    ])
  })

  it('of hosts are labels that guests ask for', () => {
    const tainted = aNode('n3', {
      spec: {
        taints: [
          { key: 'gpu', effect: 'NoSchedule' },
          { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' },
        ],
      },
    })
    const fast: SchedulingRules = {
      nodeSelector: { disk: 'fast' },
      tolerations: [{ key: 'gpu', operator: 'Exists' }],
    }
    const zoned: SchedulingRules = {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['b'] }] }, {}],
          },
        },
      },
    }
    const fabric = read({
      nodes: [...nodes, tainted],
      pods: [aPod('fast-1', { host: 'n1', spec: fast }), aPod('zoned-1', { host: 'n2', spec: zoned })],
    })
    expect(workload(fabric, 'fast-1')?.hostSelector).toEqual({ disk: 'fast' })
    expect(workload(fabric, 'zoned-1')?.hostSelector).toEqual({
      'affinity zone in (b)': 'true',
      'without taint gpu:NoSchedule': 'true',
    })
    expect(host(fabric, 'n1')?.labels).toEqual({ disk: 'fast', 'without taint gpu:NoSchedule': 'true' })
    expect(host(fabric, 'n2')?.labels).toEqual({ 'affinity zone in (b)': 'true', 'without taint gpu:NoSchedule': 'true' })
    expect(host(fabric, 'n3')).not.toHaveProperty('labels')
  })
})

it('moves of a fabric keep its rules', () => {
  const { problem } = read({
    nodes: ['n1', 'n2', 'n3'].map((name) => aNode(name)),
    pods: ['n1', 'n2'].map((name, index) => aPod(`q-${index}`, { host: name, labels: { app: 'q' }, spec: antiAffinity('q') })),
    virtualMachineInstances: [aMachine('a', 'n1'), aMachine('b', 'n3')],
  })
  const drained: PlacementProblem = {
    ...problem,
    hosts: (problem.hosts ?? []).map((each) => (each.name === 'n1' ? { ...each, state: 'Maintenance' } : each)),
  }
  const plan = planMoves(drained, 'Drain')
  expect(checkMoves(drained, plan)).toEqual([])
  expect(plan.emptiedHosts).toEqual(['n1'])
  expect(plan.moves.find(({ workload: name }) => name === 'shop/q-0')?.to).toBe('n3')
})

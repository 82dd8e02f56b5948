import { assert, integer, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkPlan } from './check-plan.ts'
import { type Case, validCase } from './valid-case.ts'
import type { ViolationKind } from './violation.ts'

/** Ways to break a valid case, each with the violation that must be found. */
const breakers: readonly (readonly [kind: ViolationKind, what: string, spoil: (broken: Case) => void])[] = [
  ['Assignment', 'a workload is left out', ({ plan }) => delete plan.assignments['web-0']],
  ['Assignment', 'a workload is on a host that is not listed', ({ plan }) => (plan.assignments['web-0'] = 'nowhere')],
  ['Assignment', 'a workload that nobody knows', ({ plan }) => (plan.assignments['ghost'] = 'h0')],
  ['Assignment', 'assigned and unplaced', ({ plan }) => plan.unplaced.push({ workload: 'web-0', reasons: [] })],
  ['HostList', 'a host of a type that nobody knows', ({ plan }) => Object.assign(plan.hosts[1] ?? {}, { type: 'constructor' })],
  ['HostList', 'a host of another type than it is', ({ plan }) => Object.assign(plan.hosts[1] ?? {}, { type: 'small' })],
  ['HostList', 'a wrong workload count', ({ plan }) => Object.assign(plan.hosts[0] ?? {}, { workloadCount: 3 })],
  ['HostList', 'a wrong peak', ({ plan }) => Object.assign(plan.hosts[0]?.peak ?? {}, { cpu: 1 })],
  ['HostList', 'a wrong usable amount', ({ plan }) => Object.assign(plan.hosts[0]?.usable ?? {}, { cpu: 1e9 })],
  ['HostList', 'a host listed twice', ({ plan }) => plan.hosts.push(structuredClone(plan.hosts[0] ?? fail()))],
  ['HostCount', 'one host more than there may be', ({ plan }) => plan.hosts.push({ ...(plan.hosts[1] ?? fail()), name: 'new' })],
  ['HostState', 'a workload moved to a cordoned host', ({ plan }) => (plan.assignments['web-0'] = 'h5')],
  [
    'HostState',
    'a workload left in maintenance',
    ({ problem }) => Object.assign(problem.hosts?.[0] ?? {}, { state: 'Maintenance' }),
  ],
  ['HostSelector', 'a label that the type lacks', ({ problem }) => ((problem.hostTypes[0] ?? fail()).labels = {})],
  [
    'HostSelector',
    'a label that the host overrides',
    ({ problem }) => Object.assign(problem.hosts?.[0]?.labels ?? {}, { generation: 'old' }),
  ],
  ['Immovable', 'a pinned workload moved', ({ plan }) => (plan.assignments['pair-0'] = 'h6')],
  [
    'Capacity',
    'a usage limit lowered',
    ({ problem }) => (problem.policy = { ...problem.policy, usageLimitPercent: { cpu: 59 } }),
  ],
  ['Capacity', 'a reserve raised', ({ problem }) => ((problem.hostTypes[0] ?? fail()).reserve = { memory: 1e6 })],
  ['Capacity', 'one point of one curve', ({ problem }) => (curveOf(problem, 'batch-0')[2] = 1e6)],
  ['Numa', 'a workload larger than a node', ({ problem }) => (requestsOf(problem, 'web-0')['memory'] = 46 * sizeOf(problem))],
  ['Devices', 'more shares than a device has', ({ problem }) => devicesOf(problem, 'gpu-0').push(share(600), share(600))],
  [
    'Devices',
    'a whole device where two are shared',
    ({ problem }) => devicesOf(problem, 'gpu-0').push(share(600), { count: 1, shares: 1000 }),
  ],
  [
    'Devices',
    'a model that is not there',
    ({ problem }) => Object.assign(devicesOf(problem, 'gpu-0')[0] ?? {}, { models: ['tpu'] }),
  ],
  [
    'Devices',
    'a share of what is not shared',
    ({ problem }) => Object.assign(problem.hostTypes[0]?.devices?.[0] ?? {}, { shareable: false }),
  ],
  ['Rule', 'anti-affinity', ({ problem }) => appOf(problem, 'pair-0', 'web')],
  ['Rule', 'affinity', ({ plan }) => (plan.assignments['pair-6'] = 'h1')],
  ['Rule', 'too many in a domain', ({ problem }) => Object.assign(problem.rules?.[2] ?? {}, { max: 1 })],
  ['Rule', 'interference', ({ problem }) => appOf(problem, 'pair-0', 'batch')],
  [
    'Rule',
    'interference of an app with itself',
    ({ problem }) => Object.assign(problem.rules?.[3] ?? {}, { first: 'web', second: 'web', max: -1 }),
  ],
  [
    'Rule',
    'too few domains',
    ({ problem }) => Object.assign(problem.rules?.[4] ?? {}, { minDomains: 3, workloads: { apps: ['web', 'batch'] } }),
  ],
  ['Rule', 'a dependency', ({ problem }) => Object.assign(problem.rules?.[5] ?? {}, { on: { apps: ['oracle'] } })],
  ['Rule', 'a stranger in a closed set', ({ plan }) => (plan.assignments['web-0'] = 'h2')],
  ['Rule', 'a closed set too large', ({ problem }) => Object.assign(problem.rules?.[6] ?? {}, { maxHosts: 0 })],
  [
    'Conflict',
    'a conflict that is none',
    ({ plan }) => leaveOut(plan, { rules: ['apart'], workloads: ['web-0', 'web-6'], limits: [], isMinimal: true, message: '' }),
  ],
  [
    'Conflict',
    'a conflict with more than is needed',
    ({ plan, problem }) => {
      const huge = requestsOf(problem, 'oracle')
      huge['memory'] = huge['cpu'] = 1000 * sizeOf(problem)
      const limits = [{ constraint: 'memory' }, { constraint: 'cpu' }]
      leaveOut(plan, { rules: [], workloads: ['oracle'], limits, isMinimal: true, message: '' })
    },
  ],
  [
    'Conflict',
    'a conflict of what nobody knows',
    ({ plan }) => leaveOut(plan, { rules: ['liked'], workloads: ['web-0'], limits: [], isMinimal: false, message: '' }),
  ],
  [
    'Conflict',
    'a proof without a conflict',
    ({ plan }) => (plan.infeasibility = { status: 'Proven', conflicts: [], stepCount: 0 }),
  ],
  ['Certificate', 'a failure without certificate', ({ plan }) => plan.certificates.pop()],
  [
    'Certificate',
    'a pair without certificate',
    ({ problem }) => (problem.policy = { ...problem.policy, failover: { hosts: 2 } }),
  ],
  [
    'Certificate',
    'a domain without certificate',
    ({ problem }) => (problem.policy = { ...problem.policy, failover: { hosts: 1, topologyKey: 'rack' } }),
  ],
  ['Certificate', 'a workload without target', ({ plan }) => delete targetsOf(plan, 0)['web-0']],
  ['Certificate', 'a target that is lost', ({ plan }) => (targetsOf(plan, 0)['web-0'] = 'h0')],
  ['Certificate', 'a target that takes nothing', ({ plan }) => (targetsOf(plan, 0)['batch-0'] = 'h5')],
  ['Certificate', 'a target for what is not lost', ({ plan }) => (targetsOf(plan, 0)['web-6'] = 'h1')],
  ['Certificate', 'a target without room', ({ problem }) => (requestsOf(problem, 'pair-0')['memory'] = 71 * sizeOf(problem))],
  ['Certificate', 'a target that breaks a rule', ({ plan }) => (targetsOf(plan, 0)['web-0'] = 'h6')],
  ['Certificate', 'a target in a closed set', ({ plan }) => (targetsOf(plan, 0)['batch-0'] = 'h3')],
  ['Certificate', 'a closed set that grows too large', ({ problem }) => Object.assign(problem.rules?.[6] ?? {}, { maxHosts: 1 })],
  ['Certificate', 'a rule named as relaxed that is not broken', ({ plan }) => relax(plan, 'apart')],
  ['Certificate', 'a rule named as relaxed that is none', ({ plan }) => relax(plan, 'liked')],
  [
    'Certificate',
    'a rule broken and named where the policy is strict',
    ({ plan }) => {
      targetsOf(plan, 0)['web-0'] = 'h6'
      relax(plan, 'apart')
    },
  ],
  ['Certificate', 'an admitted failure', ({ plan }) => plan.certificates[0]?.unplaced.push('web-0')],
  ...(['hostCount', 'price', 'licencePrice', 'watts', 'preference', 'moveMebibytes'] as const).map(
    (term) => ['Score', `a wrong ${term}`, ({ plan }: Case) => (plan.score[term] += 1)] as const,
  ),
  ['Bound', 'a bound above the value', ({ plan }) => Object.assign(plan.bound, { value: 1e6 })],
  ['Bound', 'a bound that is not the best', ({ plan }) => Object.assign(plan.bound, { value: 1 })],
  ['Bound', 'a bound by another argument', ({ plan }) => Object.assign(plan.bound, { by: 'Cover' })],
  ['Bound', 'a wrong gap', ({ plan }) => (plan.bound.gapPercent += 1)],
]

const cases = record({
  hosts: integer({ min: 4, max: 12 }).map((half) => 2 * half),
  size: integer({ min: 1, max: 1000 }),
})

describe('checkPlan', () => {
  it('finds nothing wrong with a valid plan', () => {
    assert(
      property(cases, ({ hosts, size }) => {
        const { problem, plan } = validCase(hosts, size)
        expect(checkPlan(problem, plan)).toEqual([])
      }),
      { numRuns: 20 },
    )
  })

  it.each(breakers)('finds %s: %s', (kind, _, spoil) => {
    assert(
      property(cases, ({ hosts, size }) => {
        const broken = validCase(hosts, size)
        spoil(broken)
        expect(checkPlan(broken.problem, broken.plan).map((violation) => violation.kind)).toContain(kind)
      }),
      { numRuns: 5 },
    )
  })

  it('lets a rule be broken that the policy prefers and the certificate names', () => {
    const { problem, plan } = validCase(8, 10)
    targetsOf(plan, 0)['web-0'] = 'h6'
    relax(plan, 'apart')
    problem.policy = { ...problem.policy, failover: { hosts: 1, rules: 'Preferred' } }
    expect(checkPlan(problem, plan)).toEqual([])
  })

  it('lets an unprotected workload be shed on both sides of a failure', () => {
    const { problem, plan } = validCase(8, 10)
    requestsOf(problem, 'gpu-6')['memory'] = 600
    Object.assign(plan.hosts[6]?.peak ?? {}, { memory: 900 })
    targetsOf(plan, 0)['pair-0'] = 'h6'
    expect(checkPlan(problem, plan)).toEqual([])
  })
})

function fail(): never {
  throw new Error('the case lacks what the test breaks')
}
function leaveOut(plan: Case['plan'], ...conflicts: NonNullable<Case['plan']['infeasibility']>['conflicts']) {
  delete plan.assignments['web-0']
  plan.unplaced.push({ workload: 'web-0', reasons: [] })
  plan.infeasibility = { status: 'Proven', conflicts, stepCount: 1 }
}
const workloadOf = (problem: Case['problem'], name: string) =>
  problem.workloads.find((workload) => workload.name === name) ?? fail()
const requestsOf = (problem: Case['problem'], name: string) => workloadOf(problem, name).requests
const curveOf = (problem: Case['problem'], name: string) => workloadOf(problem, name).curves?.['cpu'] ?? fail()
const devicesOf = (problem: Case['problem'], name: string) => workloadOf(problem, name).devices ?? fail()
const appOf = (problem: Case['problem'], name: string, app: string) => (workloadOf(problem, name).app = app)
const relax = (plan: Case['plan'], rule: string) => Object.assign(plan.certificates[0] ?? fail(), { relaxed: [rule] })
const targetsOf = (plan: Case['plan'], at: number) => plan.certificates[at]?.targets ?? fail()
const sizeOf = (problem: Case['problem']) => problem.hostTypes[1]?.capacity['cpu'] ?? fail()
const share = (shares: number) => ({ count: 1, shares })

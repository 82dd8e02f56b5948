import { plan } from '@weir/planner'
import { parseUserRules } from '@weir/estate'
import { expect, it } from 'vitest'
import { aHost, aMachine, anEstate } from '../testing/builders.ts'
import { defaultAssessmentPolicy } from '../waterfall/policy.ts'
import { assessEstate } from './report.ts'

const estate = anEstate(
  [
    aMachine({ name: 'web', guest: { ipAddresses: ['192.0.2.1'], reportedOs: 'Red Hat Enterprise Linux 9 (64-bit)' } }),
    aMachine({ name: 'old', guest: { ipAddresses: ['192.0.2.2'], reportedOs: 'Red Hat Enterprise Linux 6 (64-bit)' } }),
    aMachine({ name: 'sealed', isEncrypted: true, power: 'Off' }),
    aMachine({ name: 'golden', type: 'Template', power: 'Off' }),
    aMachine({ name: 'huge', cpu: { count: 24 } }),
  ],
  [aHost()],
)

const report = () =>
  assessEstate(estate, {
    policy: { ...defaultAssessmentPolicy, failoverHosts: 0, iterations: 500 },
    rules: parseUserRules([{ id: 'web', severity: 'Information', when: 'machine.name == "web"', message: 'Seen.' }]),
    planner: (problem) => plan(problem),
    now: Date.parse('2026-06-01T00:00:00Z'),
  })

it('judges every machine, and counts what it found', async () => {
  const { readiness, concerns, machines, inventory, effortHours } = await report()
  expect(inventory).toMatchObject({ clusters: 1, hosts: 1, machines: 5, poweredOn: 3, templates: 1, cpuCount: 40 })
  expect(readiness).toEqual({ Ready: 1, ReadyWithWork: 1, Blocked: 2, NotMoved: 1 })
  expect(concerns.map(({ id, count }) => [id, count])).toEqual([
    ['fit.vcpu_gt_node', 1],
    ['vm.encrypted', 1],
    ['guest.os_eol', 1],
    ['os.unsupported', 1],
    ['user.web', 1],
    ['vm.template', 1],
  ])
  expect(machines.find(({ name }) => name === 'sealed')?.retirement?.kind).toBe('PoweredOff')
  expect(effortHours).toBe(1 + 3 + 3 + 3)
})

it('is one JSON document', async () => {
  const first = await report()
  expect(JSON.parse(JSON.stringify(first))).toEqual(first)
  expect(first.metadata.assessedTime).toBe('2026-06-01T00:00:00.000Z')
  expect(first.policy.size.fixedMemory).toContain('oracle')
})

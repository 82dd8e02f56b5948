import { describe, expect, it } from 'vitest'
import type { Estate } from '../model/estate.ts'
import type { EstateMachine, MachineDisk, MachineNic } from '../model/machine.ts'
import { createCheckContext } from './concern.ts'
import { concernsOfCluster, concernsOfMachine, machineChecks } from './find-concerns.ts'
import { assessMachine } from './readiness.ts'
import { parseUserRules } from './user-rules.ts'

const gibibyte = 2 ** 30
const aDisk = (changes: Partial<MachineDisk> = {}): MachineDisk => ({
  id: 'disk-0',
  datastore: 'ds',
  capacityBytes: 40 * gibibyte,
  ...changes,
})
const aNic = (changes: Partial<MachineNic> = {}): MachineNic => ({
  network: 'plain',
  mac: '00:50:56:00:00:01',
  ipAddresses: ['192.0.2.1'],
  ...changes,
})
const aMachine = (changes: Partial<EstateMachine> = {}): EstateMachine => ({
  id: 'vm-1',
  sourceId: 's',
  type: 'VirtualMachine',
  name: 'web',
  biosUuid: 'aaaa',
  clusterId: 'c',
  power: 'On',
  connection: 'connected',
  cpu: { count: 2 },
  memory: { sizeBytes: 4 * gibibyte },
  guest: {
    ipAddresses: ['192.0.2.1'],
    hostName: 'web',
    reportedOs: 'Red Hat Enterprise Linux 9 (64-bit)',
    toolsStatus: 'toolsOk',
  },
  disks: [aDisk()],
  partitions: [{ mountPoint: '/', freeBytes: gibibyte }],
  nics: [aNic()],
  snapshots: [],
  devices: [],
  rules: [],
  ...changes,
})
const clean = aMachine()
const other = aMachine({ id: 'vm-2', biosUuid: 'bbbb', nics: [aNic({ mac: '00:50:56:00:00:02' })] })
const anEstate = (machines: readonly EstateMachine[]): Estate => ({
  apiVersion: 'weir.dev/v1alpha1',
  kind: 'Estate',
  metadata: { name: 'e', collectedTime: '2026-06-01T00:00:00Z' },
  sources: [],
  clusters: [{ id: 'c', sourceId: 's', name: 'c' }],
  hosts: [],
  datastores: [
    { id: 'ds', sourceId: 's', name: 'ds', type: 'VMFS' },
    { id: 'v', sourceId: 's', name: 'pool', type: 'vsan' },
  ],
  networks: [
    { id: 'plain', sourceId: 's', name: 'plain', vlan: '12' },
    { id: 'trunk', sourceId: 's', name: 'trunk', vlan: '100-200' },
    { id: 'sniff', sourceId: 's', name: 'sniff', isPromiscuous: true },
    { id: 'nsx', sourceId: 's', name: 'nsx', isOpaque: true },
    { id: 'vmk', sourceId: 's', name: 'vmk', hasVmkernelPort: true },
  ],
  machines,
  findings: [],
})
const target = { cores: 32, memoryBytes: 256 * gibibyte }
const idsOf = (machine: EstateMachine): readonly string[] =>
  concernsOfMachine(machine, createCheckContext(anEstate([machine, other]), { now: 0, target })).map(({ id }) => id)

const cases: Readonly<Record<string, Partial<EstateMachine>>> = {
  'conn.not_connected': { connection: 'orphaned' },
  'vm.suspended': { power: 'Suspended' },
  'vm.template': { type: 'Template' },
  'vm.srm_placeholder': { type: 'SrmPlaceholder' },
  'vm.name.invalid': { name: 'Web Server_1' },
  'vm.duplicate_uuid': { biosUuid: 'BBBB' },
  'vm.duplicate_mac': { nics: [aNic({ mac: '00:50:56:00:00:02' })] },
  'host_affinity.detected': { rules: [{ name: 'licences', type: 'VmHostAffine' }] },
  'rule.anti_affinity': { rules: [{ name: 'apart', type: 'AntiAffinity' }] },
  'net.vlan_trunk_guest': { nics: [aNic({ network: 'trunk' })] },
  'net.promiscuous': { nics: [aNic({ network: 'sniff' })] },
  'net.nsx_rules': { nics: [aNic({ network: 'nsx' })] },
  'net.vmkernel_shared': { nics: [aNic({ network: 'vmk' })] },
  'cpu_affinity.detected': { cpu: { count: 2, hasAffinity: true } },
  'cpu_memory.hotplug.enabled': { memory: { isHotAddEnabled: true } },
  'fit.latency_sensitive': { latencySensitivity: 'high' },
  'fit.reservation': { memory: { sizeBytes: gibibyte, reservationBytes: gibibyte } },
  'fit.vcpu_gt_node': { cpu: { count: 33 } },
  'fit.mem_gt_half_node': { memory: { sizeBytes: 129 * gibibyte } },
  'hw.version_old': { hardwareVersion: 4 },
  'fault_tolerance.enabled': { isFaultTolerant: true },
  'tpm.detected': { hasVtpm: true },
  'vm.encrypted': { isEncrypted: true },
  'passthrough_device.detected': { devices: [{ type: 'PciPassthrough' }] },
  'device.sriov.detected': { nics: [aNic({ adapter: 'VirtualSriovEthernetCard' })] },
  'usb_controller.detected': { devices: [{ type: 'Usb' }] },
  'cd.connected': { devices: [{ type: 'CdRom', isConnected: true }] },
  'changed_block_tracking.disabled': { isCbtEnabled: false },
  consolidation_needed: { needsConsolidation: true },
  'datastore.missing': { disks: [aDisk({ datastore: 'gone' })] },
  'disk.capacity.invalid': { disks: [aDisk({ capacityBytes: 0 })] },
  'disk.count.exceeds.limit': { disks: Array.from({ length: 166 }, (_, index) => aDisk({ id: `disk-${index}` })) },
  'disk_mode.independent': { disks: [aDisk({ mode: 'independent_persistent' })] },
  'disk.rdm.detected': { disks: [aDisk({ rdm: 'Virtual' })] },
  'disk.physical_rdm': { disks: [aDisk({ rdm: 'Physical' })] },
  'disk.shared.detected': { disks: [aDisk({ sharing: 'sharingMultiWriter' })] },
  'disk_serial.truncated': { isDiskUuidEnabled: true, disks: [aDisk({ controller: 'SCSI controller 0' })] },
  'disk.unknown_controller': { disks: [aDisk({ controller: 'NVME controller 0' })] },
  'disk.vsan_or_vvol': { disks: [aDisk({ datastore: 'pool' })] },
  'disk.large': { disks: [aDisk({ capacityBytes: 7 * 2 ** 40 })] },
  'disk.zero_flat_mismatch': { diskCapacityBytes: 80 * gibibyte },
  'snapshot.detected': { snapshots: [{ createdTime: '2026-05-31T00:00:00Z' }] },
  'snapshot.age_or_chain': { snapshots: [{ createdTime: '2026-05-01T00:00:00Z' }] },
  'snapshot.foreign_schedule': { hasForeignBackup: true },
  'guestDisks.freespace': { partitions: [{ mountPoint: '/', freeBytes: 2 ** 20 }] },
  'os.unsupported': { guest: { ipAddresses: ['192.0.2.1'], reportedOs: 'Debian GNU/Linux 13 (64-bit)' } },
  'guest.os_eol': { guest: { ipAddresses: ['192.0.2.1'], reportedOs: 'Microsoft Windows Server 2012 (64-bit)' } },
  'guest.sha2_win7': { guest: { ipAddresses: ['192.0.2.1'], configuredOs: 'Microsoft Windows Server 2008 R2 (64-bit)' } },
  'hostname.default': { guest: { ipAddresses: ['192.0.2.1'], hostName: 'localhost.localdomain' } },
  'tools.not_running': { guest: { ipAddresses: ['192.0.2.1'], toolsStatus: 'toolsNotRunning' } },
  'vm_missing_ip.detected': { guest: { ipAddresses: [] }, nics: [aNic({ ipAddresses: [] })] },
  'cluster.guest_cluster': { guest: { ipAddresses: ['192.0.2.1'], applications: ['Pacemaker'] } },
  'license.bound': { guest: { ipAddresses: ['192.0.2.1'], applications: ['Oracle Database 19c'] } },
  'secret.in_annotation': { hasSecretInNotes: true },
}

describe('concerns', () => {
  it('finds nothing about a machine that is as it should be', () => {
    expect(idsOf(clean)).toEqual([])
  })

  it('has a case here for every check, and each id once', () => {
    const ids = machineChecks.map(({ id }) => id)
    expect(Object.keys(cases).toSorted()).toEqual(ids.toSorted())
    expect(new Set(ids).size).toBe(ids.length)
  })

  it.each(Object.entries(cases))('%s', (id, changes) => {
    const machine = aMachine(changes)
    const found = concernsOfMachine(machine, createCheckContext(anEstate([machine, other]), { now: 0, target })).find(
      (concern) => concern.id === id,
    )
    expect(found?.object.id).toBe('vm-1')
    expect(found?.evidence).toMatch(/^\S.*[.]$/u)
    expect(found?.remedy).toMatch(/^\S.*[.]$/u)
  })

  it('says nothing where the source shows nothing', () => {
    const blank = aMachine({ guest: { ipAddresses: [] }, nics: [], disks: [], partitions: [], cpu: {}, memory: {} })
    expect(idsOf(blank)).toEqual([])
  })

  it('tells what DRS and DPM mean for the move', () => {
    expect(
      concernsOfCluster({ id: 'c', sourceId: 's', name: 'c', isDrsEnabled: true, isDpmEnabled: true }).map(({ id }) => id),
    ).toEqual(['drs.enabled', 'dpm.enabled'])
    expect(concernsOfCluster({ id: 'c', sourceId: 's', name: 'c' })).toEqual([])
  })
})

describe('readiness', () => {
  const assess = (changes: Partial<EstateMachine>, rules: unknown = []) => {
    const machine = aMachine(changes)
    return assessMachine(machine, createCheckContext(anEstate([machine]), { now: 0, target }), parseUserRules(rules))
  }

  it.each([
    ['Ready', {}, 1],
    ['ReadyWithWork', { needsConsolidation: true }, 1.5],
    ['Blocked', { isEncrypted: true, hasVtpm: true }, 4],
    ['NotMoved', { type: 'Template' }, 0],
  ] as const)('%s, with its hours', (readiness, changes, effortHours) => {
    expect(assess(changes)).toMatchObject({ readiness, effortHours })
  })

  it('names what keeps a machine from a warm migration', () => {
    expect(assess({ isCbtEnabled: false, snapshots: [{}] }).warmBlockers).toEqual([
      'changed_block_tracking.disabled',
      'snapshot.detected',
    ])
  })

  it('counts rules of the user', () => {
    const rule = {
      id: 'pci',
      severity: 'Critical',
      when: 'machine.name.startsWith("w") && cluster.name == "c"',
      message: 'In scope of PCI.',
      effortHours: 3,
    }
    expect(assess({}, [rule])).toMatchObject({
      readiness: 'Blocked',
      effortHours: 4,
      concerns: [{ id: 'user.pci', evidence: 'In scope of PCI.' }],
    })
    expect(assess({ name: 'db' }, [rule]).readiness).toBe('Ready')
  })
})

describe('rules of the user', () => {
  const rule = { id: 'a', severity: 'Warning', when: 'machine.memory.sizeBytes > 1', message: 'm' }

  it('hold for no machine that lacks a field they need', () => {
    const [parsed] = parseUserRules([rule])
    expect(parsed?.check.find(aMachine({ memory: {} }), createCheckContext(anEstate([]), { now: 0 }))).toBeUndefined()
  })

  it.each([
    ['no list', { a: 1 }, /`rules` must be a list/u],
    ['no object', [1], /`rules\[0\]` must be an object/u],
    ['an id with spaces', [{ ...rule, id: 'a b' }], /`rules\[0\]\.id` must be/u],
    ['a severity that there is not', [{ ...rule, severity: 'Fatal' }], /`rules\[0\]\.severity` must be one of/u],
    ['an expression cut short', [rule, { ...rule, when: '1 +' }], /`rules\[1\]\.when` is no CEL expression/u],
    ['a variable that there is not', [{ ...rule, when: 'process.exit(1)' }], /`rules\[0\]\.when`/u],
    ['a field that there is not', [{ ...rule, extra: 1 }], /`rules\[0\]\.extra` is unknown/u],
    [
      'a prototype',
      JSON.parse('[{"__proto__":{"id":"x"},"id":"a","severity":"Warning","when":"true","message":"m"}]'),
      /__proto__` is unknown/u,
    ],
    ['endless effort', [{ ...rule, effortHours: Infinity }], /effortHours/u],
  ])('are refused with %s, and the field is named', (_, value, message) => {
    expect(() => parseUserRules(value)).toThrow(message)
  })
})

import type { Estate } from '../model/estate.ts'
import type { EstateMachine, MachineDisk, MachineNic } from '../model/machine.ts'

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
/** A machine that is as it should be, with what the test changes. */
export const aMachine = (changes: Partial<EstateMachine> = {}): EstateMachine => ({
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
/** Another one, with an identity of its own. */
export const other = aMachine({ id: 'vm-2', biosUuid: 'bbbb', nics: [aNic({ mac: '00:50:56:00:00:02' })] })

/** An estate of `machines` and one network and datastore of each kind. */
export const anEstate = (machines: readonly EstateMachine[]): Estate => ({
  apiVersion: 'weir.dev/v1alpha1',
  kind: 'Estate',
  metadata: { name: 'e', collectedTime: '2026-06-01T00:00:00Z' },
  sources: [{ id: 's', type: 'Estate', location: 'estate.json', parts: [] }],
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
/** The largest host that may be bought. */
export const target = { cores: 32, memoryBytes: 256 * gibibyte }
/** What makes a machine one of which each concern is told, by the concern's id. */
export const concernCases: Readonly<Record<string, Partial<EstateMachine>>> = {
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

/** An estate with a concern of every kind: a machine for each, named by it, on a cluster with DRS and DPM. */
export const everyConcern: Estate = {
  ...anEstate([
    other,
    ...Object.entries(concernCases).map(([id, changes]) =>
      aMachine({ id, name: id.replaceAll(/[._]/gu, '-').toLowerCase(), ...changes }),
    ),
  ]),
  clusters: [{ id: 'c', sourceId: 's', name: 'cluster-1', isDrsEnabled: true, isDpmEnabled: true }],
}

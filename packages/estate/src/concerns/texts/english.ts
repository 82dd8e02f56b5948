/** What each concern is called, what was seen (with its values in braces), and what to do about it. */
export const englishConcerns = {
  'conn.not_connected': {
    title: 'It is not connected',
    evidence: "Its connection is '{connection}'.",
    remedy: 'Repair or unregister it at the source.',
  },
  'vm.suspended': {
    title: 'It is suspended',
    evidence: 'It is suspended.',
    remedy: 'Power it on or off: what is suspended does not move.',
  },
  'vm.template': {
    title: 'It is a template',
    evidence: 'It is a template.',
    remedy: 'Rebuild it as a boot source of the target; it is not counted.',
  },
  'vm.srm_placeholder': {
    title: 'It stands in for a machine elsewhere',
    evidence: 'It stands in for a machine of another site.',
    remedy: 'Leave it: the machine itself is at the other site. It is not counted.',
  },
  'vm.name.invalid': {
    title: 'Its name is no DNS label',
    evidence: "'{name}' becomes '{label}': names are DNS-1123 labels.",
    remedy: 'Accept the new name, or choose another.',
  },
  'vm.duplicate_uuid': {
    title: 'Its SMBIOS UUID occurs twice',
    evidence: 'Machines with the SMBIOS UUID {uuid}: {count}.',
    remedy: 'Give one of them a new UUID; agents and licences tell machines apart by it.',
  },
  'vm.duplicate_mac': {
    title: 'Its MAC address occurs twice',
    evidence: 'Other machines have these MAC addresses too: {macs}.',
    remedy: 'Give one of them a new MAC address before both are on one network.',
  },
  'host_affinity.detected': {
    title: 'Rules tie it to hosts',
    evidence: 'Rules tie it to hosts: {rules}.',
    remedy: 'Carry it over as a node selector if it still has a reason.',
  },
  'rule.anti_affinity': {
    title: 'Rules keep it apart from others',
    evidence: 'Rules keep it apart from others: {rules}.',
    remedy: 'The plan keeps it; carry it over as pod anti-affinity.',
  },
  'net.vlan_trunk_guest': {
    title: 'It tags VLANs itself',
    evidence: 'It tags VLANs itself on {networks}.',
    remedy: 'Map it to a trunk of the target (a bridge that passes tags).',
  },
  'net.promiscuous': {
    title: 'Its network allows promiscuous mode or forged transmits',
    evidence: 'Promiscuous mode or forged transmits are allowed on {networks}.',
    remedy: 'Find out why: sniffers and nested hypervisors need a bridge that allows it.',
  },
  'net.nsx_rules': {
    title: 'It is on an NSX network',
    evidence: 'It is on NSX networks: {networks}.',
    remedy: 'Translate its firewall rules to network policies.',
  },
  'net.vmkernel_shared': {
    title: 'Its network carries a vmkernel port',
    evidence: 'Networks that carry a vmkernel port as well: {networks}.',
    remedy: 'Separate machines from the hosts’ own traffic before the move.',
  },
  'cpu_affinity.detected': {
    title: 'It is pinned to CPUs',
    evidence: 'It is pinned to physical CPUs.',
    remedy: 'Remove the affinity, or ask for dedicated CPUs (dedicatedCpuPlacement) on the target.',
  },
  'cpu_memory.hotplug.enabled': {
    title: 'Hot add is on',
    evidence: 'Hot add is on: {settings}.',
    remedy: 'Set maxSockets and maxGuest on the target if it has to grow while it runs.',
  },
  'fit.latency_sensitive': {
    title: 'It is sensitive to latency',
    evidence: "Its latency sensitivity is '{sensitivity}'.",
    remedy: 'Plan dedicated CPUs and huge pages, and a host that has them.',
  },
  'fit.reservation': {
    title: 'All of its memory is reserved',
    evidence: 'All of its memory is reserved.',
    remedy: 'Carry it over as a request, or drop it: the target does not overcommit memory.',
  },
  'fit.vcpu_gt_node': {
    title: 'It has more vCPUs than a host has cores',
    evidence: 'It has {vcpus} vCPUs; the largest host has {cores} cores.',
    remedy: 'Reduce its vCPUs, or plan a larger host.',
  },
  'fit.mem_gt_half_node': {
    title: 'It needs more than half of a host',
    evidence: 'It has {memory}; the largest host has {hostMemory}.',
    remedy: 'Reduce its memory, or plan a larger host: two of these never share one, and a failure needs a hole as large.',
  },
  'hw.version_old': {
    title: 'Its virtual hardware is old',
    evidence: 'Virtual hardware {version} knows no changed block tracking; 7 does.',
    remedy: 'Upgrade the virtual hardware, or move it cold.',
  },
  'fault_tolerance.enabled': {
    title: 'Fault tolerance is on',
    evidence: 'Fault tolerance is on.',
    remedy: 'Turn it off before the move; on the target availability comes from restart and from the application.',
  },
  'tpm.detected': {
    title: 'It has a virtual TPM',
    evidence: 'It has a virtual TPM, whose content does not move.',
    remedy: 'Have recovery keys at hand: what is sealed to the old TPM does not open.',
  },
  'vm.encrypted': {
    title: 'It is encrypted',
    evidence: 'It is encrypted.',
    remedy: 'Decrypt it at the source, or give the migration account Cryptographer.Access and use VDDK.',
  },
  'passthrough_device.detected': {
    title: 'It has passthrough devices',
    evidence: 'Passthrough devices: {count}.',
    remedy: 'Remove the device, or map it to a host device of the target.',
  },
  'device.sriov.detected': {
    title: 'It has SR-IOV network cards',
    evidence: 'SR-IOV network cards: {count}.',
    remedy: 'Map its network to SR-IOV on the target, or to a bridge.',
  },
  'usb_controller.detected': {
    title: 'It has USB devices',
    evidence: 'USB devices: {count}.',
    remedy: 'Replace dongles by a network licence or a USB server.',
  },
  'cd.connected': {
    title: 'A CD drive is connected',
    evidence: 'Connected CD drives: {count}.',
    remedy: 'Disconnect it before the move.',
  },
  'changed_block_tracking.disabled': {
    title: 'Changed block tracking is off',
    evidence: 'Changed block tracking is off.',
    remedy: 'Turn it on for a warm migration; a cold one does without.',
  },
  consolidation_needed: {
    title: 'Its disks need consolidation',
    evidence: 'Its disks need consolidation.',
    remedy: 'Consolidate its disks first.',
  },
  'datastore.missing': {
    title: 'A disk has no datastore',
    evidence: 'Disks that no datastore of the estate holds: {disks}.',
    remedy: 'Remove the disk or bring its datastore back.',
  },
  'disk.capacity.invalid': {
    title: 'A disk has no capacity',
    evidence: 'Disks without a capacity: {disks}.',
    remedy: 'Remove the disk, or repair its descriptor.',
  },
  'disk.count.exceeds.limit': {
    title: 'It has too many disks',
    evidence: 'It has {count} disks; {limit} can be attached.',
    remedy: 'Merge disks, or attach them by virtio-scsi.',
  },
  'disk_mode.independent': {
    title: 'A disk is independent of snapshots',
    evidence: 'Disks independent of snapshots: {disks}.',
    remedy: 'Make it dependent, or move the machine cold: snapshots leave it out.',
  },
  'disk.rdm.detected': {
    title: 'A disk is a raw device mapping',
    evidence: 'Raw device mappings: {disks}.',
    remedy: 'Copy it as a virtual disk, or attach its LUN on the target.',
  },
  'disk.physical_rdm': {
    title: 'A disk is a physical raw device mapping',
    evidence: 'Raw device mappings in physical mode: {disks}.',
    remedy:
      'Turn it into a virtual mapping or disk, or attach its LUN on the target: it can be neither exported nor snapshotted.',
  },
  'disk.shared.detected': {
    title: 'A disk is shared',
    evidence: 'Disks shared with other machines: {disks}.',
    remedy: 'Move all machines that share it in one go, onto a shared block volume.',
  },
  'disk_serial.truncated': {
    title: 'Disk serial numbers are cut',
    evidence: 'disk.EnableUUID is on; virtio cuts serial numbers to 20 characters.',
    remedy: 'Check udev rules and licences that read the serial number.',
  },
  'disk.unknown_controller': {
    title: 'A disk hangs on an NVMe controller',
    evidence: 'Disks on an NVMe controller: {disks}.',
    remedy: 'Check that the chosen way of reading disks knows it.',
  },
  'disk.vsan_or_vvol': {
    title: 'A disk is on vSAN or vVol',
    evidence: 'Disks on vSAN or vVol: {disks}.',
    remedy: 'Use an export lease or VDDK: such a disk is no file that HTTPS can read.',
  },
  'disk.large': {
    title: 'A disk is larger than 6 TiB',
    evidence: 'Disks larger than 6 TiB: {disks}.',
    remedy: 'Give it a window of its own; plan it by the measured rate.',
  },
  'disk.zero_flat_mismatch': {
    title: 'Its disks do not add up',
    evidence: 'Its disks add up to {sum}; the machine says {total}.',
    remedy: 'Read the estate again; if it stays, look for disks that the inventory does not list.',
  },
  'snapshot.detected': {
    title: 'It has snapshots',
    evidence: 'Snapshots: {count}.',
    remedy: 'Remove snapshots before a warm migration; only the current state moves.',
  },
  'snapshot.age_or_chain': {
    title: 'Its snapshots are old or many',
    evidence: 'Snapshots: {count}; age of the oldest in days: {days}.',
    remedy: 'Remove them in a quiet hour: consolidation takes long.',
  },
  'snapshot.foreign_schedule': {
    title: 'A backup product snapshots it',
    evidence: 'A backup product takes snapshots of it.',
    remedy: 'Pause its backup job during the move: a snapshot in between breaks the chain of changes.',
  },
  'guestDisks.freespace': {
    title: 'A file system is full',
    evidence: 'Free space against the least that is needed: {fileSystems}.',
    remedy: 'Free space: drivers and boot files have to be written.',
  },
  'os.unsupported': {
    title: 'Its operating system is outside the tested set',
    evidence: "It runs '{system}'.",
    remedy: 'Rehearse its boot: conversion is supported for RHEL 7 to 10, Windows 10 and 11, Windows Server 2016 to 2025.',
  },
  'guest.os_eol': {
    title: 'Its operating system is past its end of life',
    evidence: "General support of '{system}' ended on {date}.",
    remedy: 'Plan its replacement; move it with SATA disks and e1000e cards if it lacks virtio drivers.',
  },
  'guest.sha2_win7': {
    title: 'It needs the SHA-2 update',
    evidence: "'{system}' needs the SHA-2 update for signed drivers.",
    remedy: 'Install the SHA-2 code signing update first, or drivers are refused.',
  },
  'hostname.default': {
    title: 'It has a default host name',
    evidence: "Its host name is '{hostName}'.",
    remedy: 'Give the guest a name of its own.',
  },
  'tools.not_running': {
    title: 'VMware Tools do not run',
    evidence: "VMware Tools: '{status}'.",
    remedy:
      'Start VMware Tools: without them there is no clean shutdown, and addresses may be stale. A warm migration needs them.',
  },
  'vm_missing_ip.detected': {
    title: 'It shows no address',
    evidence: 'It runs, and the source shows no address of it.',
    remedy: 'Note its addresses before the move.',
  },
  'cluster.guest_cluster': {
    title: 'It is part of a guest cluster',
    evidence: "It runs '{application}'.",
    remedy: 'Move all its members as one unit, with their shared disks.',
  },
  'license.bound': {
    title: 'Its licence may be bound',
    evidence: "'{product}' may be licensed by host, MAC address or UUID.",
    remedy: 'Ask its vendor what a change of host, MAC address or UUID means for the licence.',
  },
  'secret.in_annotation': {
    title: 'Its notes hold a password',
    evidence: 'Its notes hold what looks like a password.',
    remedy: 'Change the password, and take it out of the notes.',
  },
  'drs.enabled': {
    title: 'DRS is on',
    evidence: 'DRS moves machines between hosts.',
    remedy: 'Set it to manual while machines of the cluster move.',
  },
  'dpm.enabled': {
    title: 'DPM is on',
    evidence: 'DPM powers hosts off and on.',
    remedy: 'Turn it off while machines of the cluster move.',
  },
} as const

/** The id of a concern that comes with the product. */
export type ConcernId = keyof typeof englishConcerns

/** The id of a concern about a cluster; all others are about machines. */
export type ClusterConcernId = 'drs.enabled' | 'dpm.enabled'

/** The texts of a concern. */
export interface ConcernText {
  readonly title: string
  readonly evidence: string
  readonly remedy: string
}

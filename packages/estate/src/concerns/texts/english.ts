/** What each concern is called, and what to do about it. */
export const englishConcerns = {
  'conn.not_connected': {
    title: 'It is not connected',
    remedy: 'Repair or unregister it at the source.',
  },
  'vm.suspended': {
    title: 'It is suspended',
    remedy: 'Power it on or off: what is suspended does not move.',
  },
  'vm.template': {
    title: 'It is a template',
    remedy: 'Rebuild it as a boot source of the target; it is not counted.',
  },
  'vm.srm_placeholder': {
    title: 'It stands in for a machine elsewhere',
    remedy: 'Leave it: the machine itself is at the other site. It is not counted.',
  },
  'vm.name.invalid': {
    title: 'Its name is no DNS label',
    remedy: 'Accept the new name, or choose another.',
  },
  'vm.duplicate_uuid': {
    title: 'Its SMBIOS UUID occurs twice',
    remedy: 'Give one of them a new UUID; agents and licences tell machines apart by it.',
  },
  'vm.duplicate_mac': {
    title: 'Its MAC address occurs twice',
    remedy: 'Give one of them a new MAC address before both are on one network.',
  },
  'host_affinity.detected': {
    title: 'Rules tie it to hosts',
    remedy: 'Carry it over as a node selector if it still has a reason.',
  },
  'rule.anti_affinity': {
    title: 'Rules keep it apart from others',
    remedy: 'The plan keeps it; carry it over as pod anti-affinity.',
  },
  'net.vlan_trunk_guest': {
    title: 'It tags VLANs itself',
    remedy: 'Map it to a trunk of the target (a bridge that passes tags).',
  },
  'net.promiscuous': {
    title: 'Its network allows promiscuous mode or forged transmits',
    remedy: 'Find out why: sniffers and nested hypervisors need a bridge that allows it.',
  },
  'net.nsx_rules': {
    title: 'It is on an NSX network',
    remedy: 'Translate its firewall rules to network policies.',
  },
  'net.vmkernel_shared': {
    title: 'Its network carries a vmkernel port',
    remedy: 'Separate machines from the hosts’ own traffic before the move.',
  },
  'cpu_affinity.detected': {
    title: 'It is pinned to CPUs',
    remedy: 'Remove the affinity, or ask for dedicated CPUs (dedicatedCpuPlacement) on the target.',
  },
  'cpu_memory.hotplug.enabled': {
    title: 'Hot add is on',
    remedy: 'Set maxSockets and maxGuest on the target if it has to grow while it runs.',
  },
  'fit.latency_sensitive': {
    title: 'It is sensitive to latency',
    remedy: 'Plan dedicated CPUs and huge pages, and a host that has them.',
  },
  'fit.reservation': {
    title: 'All of its memory is reserved',
    remedy: 'Carry it over as a request, or drop it: the target does not overcommit memory.',
  },
  'fit.vcpu_gt_node': {
    title: 'It has more vCPUs than a host has cores',
    remedy: 'Reduce its vCPUs, or plan a larger host.',
  },
  'fit.mem_gt_half_node': {
    title: 'It needs more than half of a host',
    remedy: 'Reduce its memory, or plan a larger host: two of these never share one, and a failure needs a hole as large.',
  },
  'hw.version_old': {
    title: 'Its virtual hardware is old',
    remedy: 'Upgrade the virtual hardware, or move it cold.',
  },
  'fault_tolerance.enabled': {
    title: 'Fault tolerance is on',
    remedy: 'Turn it off before the move; on the target availability comes from restart and from the application.',
  },
  'tpm.detected': {
    title: 'It has a virtual TPM',
    remedy: 'Have recovery keys at hand: what is sealed to the old TPM does not open.',
  },
  'vm.encrypted': {
    title: 'It is encrypted',
    remedy: 'Decrypt it at the source, or give the migration account Cryptographer.Access and use VDDK.',
  },
  'passthrough_device.detected': {
    title: 'It has passthrough devices',
    remedy: 'Remove the device, or map it to a host device of the target.',
  },
  'device.sriov.detected': {
    title: 'It has SR-IOV network cards',
    remedy: 'Map its network to SR-IOV on the target, or to a bridge.',
  },
  'usb_controller.detected': {
    title: 'It has USB devices',
    remedy: 'Replace dongles by a network licence or a USB server.',
  },
  'cd.connected': {
    title: 'A CD drive is connected',
    remedy: 'Disconnect it before the move.',
  },
  'changed_block_tracking.disabled': {
    title: 'Changed block tracking is off',
    remedy: 'Turn it on for a warm migration; a cold one does without.',
  },
  consolidation_needed: {
    title: 'Its disks need consolidation',
    remedy: 'Consolidate its disks first.',
  },
  'datastore.missing': {
    title: 'A disk has no datastore',
    remedy: 'Remove the disk or bring its datastore back.',
  },
  'disk.capacity.invalid': {
    title: 'A disk has no capacity',
    remedy: 'Remove the disk, or repair its descriptor.',
  },
  'disk.count.exceeds.limit': {
    title: 'It has too many disks',
    remedy: 'Merge disks, or attach them by virtio-scsi.',
  },
  'disk_mode.independent': {
    title: 'A disk is independent of snapshots',
    remedy: 'Make it dependent, or move the machine cold: snapshots leave it out.',
  },
  'disk.rdm.detected': {
    title: 'A disk is a raw device mapping',
    remedy: 'Copy it as a virtual disk, or attach its LUN on the target.',
  },
  'disk.physical_rdm': {
    title: 'A disk is a physical raw device mapping',
    remedy:
      'Turn it into a virtual mapping or disk, or attach its LUN on the target: it can be neither exported nor snapshotted.',
  },
  'disk.shared.detected': {
    title: 'A disk is shared',
    remedy: 'Move all machines that share it in one go, onto a shared block volume.',
  },
  'disk_serial.truncated': {
    title: 'Disk serial numbers are cut',
    remedy: 'Check udev rules and licences that read the serial number.',
  },
  'disk.unknown_controller': {
    title: 'A disk hangs on an NVMe controller',
    remedy: 'Check that the chosen way of reading disks knows it.',
  },
  'disk.vsan_or_vvol': {
    title: 'A disk is on vSAN or vVol',
    remedy: 'Use an export lease or VDDK: such a disk is no file that HTTPS can read.',
  },
  'disk.large': {
    title: 'A disk is larger than 6 TiB',
    remedy: 'Give it a window of its own; plan it by the measured rate.',
  },
  'disk.zero_flat_mismatch': {
    title: 'Its disks do not add up',
    remedy: 'Read the estate again; if it stays, look for disks that the inventory does not list.',
  },
  'snapshot.detected': {
    title: 'It has snapshots',
    remedy: 'Remove snapshots before a warm migration; only the current state moves.',
  },
  'snapshot.age_or_chain': {
    title: 'Its snapshots are old or many',
    remedy: 'Remove them in a quiet hour: consolidation takes long.',
  },
  'snapshot.foreign_schedule': {
    title: 'A backup product snapshots it',
    remedy: 'Pause its backup job during the move: a snapshot in between breaks the chain of changes.',
  },
  'guestDisks.freespace': {
    title: 'A file system is full',
    remedy: 'Free space: drivers and boot files have to be written.',
  },
  'os.unsupported': {
    title: 'Its operating system is outside the tested set',
    remedy: 'Rehearse its boot: conversion is supported for RHEL 7 to 10, Windows 10 and 11, Windows Server 2016 to 2025.',
  },
  'guest.os_eol': {
    title: 'Its operating system is past its end of life',
    remedy: 'Plan its replacement; move it with SATA disks and e1000e cards if it lacks virtio drivers.',
  },
  'guest.sha2_win7': {
    title: 'It needs the SHA-2 update',
    remedy: 'Install the SHA-2 code signing update first, or drivers are refused.',
  },
  'hostname.default': {
    title: 'It has a default host name',
    remedy: 'Give the guest a name of its own.',
  },
  'tools.not_running': {
    title: 'VMware Tools do not run',
    remedy:
      'Start VMware Tools: without them there is no clean shutdown, and addresses may be stale. A warm migration needs them.',
  },
  'vm_missing_ip.detected': {
    title: 'It shows no address',
    remedy: 'Note its addresses before the move.',
  },
  'cluster.guest_cluster': {
    title: 'It is part of a guest cluster',
    remedy: 'Move all its members as one unit, with their shared disks.',
  },
  'license.bound': {
    title: 'Its licence may be bound',
    remedy: 'Ask its vendor what a change of host, MAC address or UUID means for the licence.',
  },
  'secret.in_annotation': {
    title: 'Its notes hold a password',
    remedy: 'Change the password, and take it out of the notes.',
  },
} as const

/** The id of a check that comes with the product. */
export type ConcernId = keyof typeof englishConcerns

/** The two texts of a concern. */
export interface ConcernText {
  readonly title: string
  readonly remedy: string
}

/** Every sentence that an assessment says, with its values in braces. */
export const englishNotes = {
  'size.noCpuCurve': 'No CPU usage over time was measured.',
  'size.noClock': 'The speed of the cores that it runs on is unknown.',
  'size.cpuNeeded': 'Its CPU demand needs the size that it has.',
  'size.cpuShrinks': '{percentile} % of the time it used at most {used} MHz of {size} MHz.',
  'size.fixedMemory': "'{name}' looks like a database or a fixed heap: its memory is its own by configuration.",
  'size.noMemoryCurve': 'No memory usage over time was measured.',
  'size.onlyActive':
    'Only active memory was measured; it shows pages touched lately, not what the guest needs. Collect available memory in the guest.',
  'size.memoryNeeded': 'Its memory need leaves no step to save.',
  'size.memoryShrinksByNeed': 'At its highest the guest needed {used} MiB of {size} MiB.',
  'size.memoryShrinksByConsumed': 'At its highest it consumed {used} MiB of {size} MiB.',
  'size.lowEvidence': '{days} days in steps of {step} s with {coverage} % measured are too little to shrink anything.',
  'retire.orphaned': "Its source says '{connection}'.",
  'retire.off': 'It was off when the estate was read; its disks still take space.',
  'retire.idle': '99 % of {days} days it used less than {mhz} MHz.',
  'layout.noSize': 'Its source shows no vCPU count or no memory size.',
  'step.oneToOne': 'A core for each vCPU, each cluster by itself.',
  'step.ratio': '{cluster}: {ratio} vCPUs for each core.',
  'step.clusters': 'Configured memory fills a host to {limit} %; each cluster survives {failures} failed host(s).',
  'step.fabric': 'All clusters are one fabric; memory is never overcommitted.',
  'step.overhead':
    "KubeVirt's overhead for each machine and {reserve} % of each host are set aside; the fabric survives {failures} failed host(s).",
  'step.fixedMemory': 'A name that looks like a database or a fixed heap: its memory is its own by configuration.',
  'step.noSizes': 'No machine has usage over time that supports a smaller size.',
  'step.noSizes.remedy': 'Collect CPU and in-guest available memory for 30 days or more, a month end among them.',
  'step.curves': 'The summed CPU curve of a host never exceeds {limit} % of it.',
  'step.noCurve': 'No CPU curve: counted at its share of today, all the time.',
  'step.noCurves': '{good} of {all} machines have a CPU curve that can be trusted; half of them is the least.',
  'step.noCurves.remedy': 'Collect CPU usage in steps of at most an hour for 7 days or more.',
  'step.mhz': 'A MHz is a MHz: newer cores are not counted as faster than their clock.',
  'step.noTargets': 'No hosts to buy were named.',
  'step.noTargets.remedy': 'Name one or more with --target-host NAME=CORES,GHZ,GIB[,PRICE].',
  'step.idle': '{count} idle machine(s) go, if their owners agree.',
  'step.noIdle': 'No running machine was seen idle for 30 days.',
  'step.noIdle.remedy': 'Collect CPU usage for 30 days or more; what is off needs no host anyway.',
  'claim.notHalf': 'Not 50 % for this estate: {hosts} % of the hosts and {cores} % of the cores go.',
  'claim.unplaced': '{count} machine(s) fit no host: {names}.',
  'claim.notCertified': 'Not every failure of a host is certified.',
} as const

/** The id of a sentence. */
export type NoteId = keyof typeof englishNotes

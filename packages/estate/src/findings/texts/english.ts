const oneExport = 'Give one export for each vCenter, the newest.'
const leftOut = 'Conclusions leave the machine out where they need it. Export again with that column.'
const again = 'The sheets were read at different moments or were edited. Export again; until then vInfo counts.'
const checkUnit = 'Look at the machine in vCenter, and at the unit of the column.'
const allColumns = 'Export it again with all columns.'
const schedulerHolds = 'The scheduler of the cluster still holds it, and may refuse a move that the plan makes.'
const allSheets = 'Export all sheets at once ("Export all to Excel").'

/** Every finding of the readers: what is so, with its values in braces, and what to do about it. */
export const englishFindings = {
  'host.idle': {
    message: "The host '{host}' runs no machine of the estate.",
    remedy: 'Is it a spare, or were its machines filtered out of the export? Leave it out if it does not count.',
  },
  'host.unlisted': {
    message: "The host '{host}' runs machines but is not in vHost, so its size is not known.",
    remedy: 'Export again with rights to see every host.',
  },
  'host.twice': {
    message: "The host '{host}' stands twice in {location}; its first row counts.",
    remedy: oneExport,
  },
  'host.inTwoExports': {
    message: "The host '{host}' stands in {first} and {second}; the newer export counts.",
    remedy: oneExport,
  },
  'host.inSeveralEstates': {
    message: "The host '{host}' stands in several of the estates; the one collected last counts.",
    remedy: oneExport,
  },
  'machine.noCpuCount': {
    message: "The number of processors of '{machine}' is not known.",
    remedy: leftOut,
  },
  'machine.noMemorySize': {
    message: "The size of the memory of '{machine}' is not known.",
    remedy: leftOut,
  },
  'machine.noPlace': {
    message: "The cluster or host of '{machine}' is not known.",
    remedy: leftOut,
  },
  'machine.noDiskSize': {
    message: "The size of the disks of '{machine}' is not known.",
    remedy: leftOut,
  },
  'machine.nameless': {
    message: "The machine '{machine}' of {location} has no name; it goes by its id.",
    remedy: 'Give it a name in vCenter, or export again without editing.',
  },
  'machine.sameName': {
    message: "Several machines of {location} are called '{machine}' in the cluster '{cluster}', and no id tells them apart.",
    remedy: 'Export again with the columns VM ID and VI SDK UUID; rows of other sheets cannot be told apart either.',
  },
  'machine.sameIdentity': {
    message: '{count} machines have the {field} {value}: {machines}.',
    remedy: 'Clones keep the identity of their original. Give each its own before they meet on one network.',
  },
  'machine.twice': {
    message: "The machine '{machine}' stands twice in {location}; its first row counts.",
    remedy: oneExport,
  },
  'machine.inTwoExports': {
    message: "The machine '{machine}' stands in {first} and {second}; {counted} counts.",
    remedy: oneExport,
  },
  'machine.inSeveralEstates': {
    message: "The machine '{machine}' stands in several of the estates; the one collected last counts.",
    remedy: oneExport,
  },
  'machine.cpuCountsDiffer': {
    message: "'{machine}' has {first} processors in vInfo and {second} in vCPU.",
    remedy: again,
  },
  'machine.memorySizesDiffer': {
    message: "'{machine}' has {first} of memory in vInfo and {second} in vMemory.",
    remedy: again,
  },
  'machine.diskCountsDiffer': {
    message: "'{machine}' has {first} disks in vInfo and {second} in vDisk.",
    remedy: again,
  },
  'machine.diskSizesDiffer': {
    message: "The disks of '{machine}' hold {first} in vInfo and {second} together in vDisk.",
    remedy: again,
  },
  'machine.nicCountsDiffer': {
    message: "'{machine}' has {first} network cards in vInfo and {second} in vNetwork.",
    remedy: again,
  },
  'machine.oddMemory': {
    message: "'{machine}' has {memory} of memory, which no machine has.",
    remedy: checkUnit,
  },
  'machine.littleMemory': {
    message: "'{machine}' has {cpus} processors and {memory} of memory; is the column in another unit?",
    remedy: checkUnit,
  },
  'machine.oddCpuCount': {
    message: "'{machine}' has {cpus} processors, which no machine has.",
    remedy: checkUnit,
  },
  'machine.emptyDisk': {
    message: "The disk '{disk}' of '{machine}' has no capacity.",
    remedy: checkUnit,
  },
  'datastore.unlisted': {
    message: "A disk of '{machine}' lies on the datastore '{datastore}', which the estate does not list.",
    remedy: 'Export again with rights to see every datastore.',
  },
  'source.mixedDates': {
    message: '{location} writes dates with the day first and with the month first; those that could be either are left out.',
    remedy: 'Export again on one computer, as .xlsx.',
  },
  'row.noMachine': {
    message: 'A row of vInfo in {location} names no machine, neither by name nor by id.',
    remedy: 'Rows without a machine are left out. Export again without editing.',
  },
  'row.lost': {
    message: 'Rows of {sheet} in {location} belong to no machine of vInfo, or to several of one name.',
    remedy: 'They are left out. Export all sheets at once, with VM ID and VI SDK UUID.',
  },
  'cell.invalid': {
    message:
      "Cells of '{column}' in {location} that cannot be what the column holds: {count}; the first is in row {row} below the header.",
    remedy: 'Values that make no sense are left out. Export again without editing, or correct the cells.',
  },
  'column.vmId': {
    message: "The sheet vInfo of {location} has no column 'VM ID': rows of other sheets are joined by UUID or name.",
    remedy: allColumns,
  },
  'column.serverUuid': {
    message:
      "The sheet vInfo of {location} has no column 'VI SDK UUID': machines of several vCenters cannot be told apart, nor found again in a later export.",
    remedy: allColumns,
  },
  'column.cluster': {
    message: "The sheet vInfo of {location} has no column 'Cluster': machines belong to hosts alone.",
    remedy: allColumns,
  },
  'sheet.noHeader': {
    message: 'The sheet {sheet} of {location} has no row of headers among its first rows, and none of it is used.',
    remedy: 'Export it again, or put the row of headers back.',
  },
  'sheet.vHost': {
    message:
      'No file has the sheet vHost, so nothing is known of hosts, their processors and memory, and so how much the source has.',
    remedy: allSheets,
  },
  'sheet.vDisk': {
    message: 'No file has the sheet vDisk, so nothing is known of single disks, their datastores, modes and sharing.',
    remedy: allSheets,
  },
  'sheet.vNetwork': {
    message: 'No file has the sheet vNetwork, so nothing is known of network cards and MAC addresses.',
    remedy: allSheets,
  },
  'sheet.vMemory': {
    message: 'No file has the sheet vMemory, so nothing is known of memory in use, reservations and ballooning.',
    remedy: allSheets,
  },
  'sheet.vCPU': {
    message: 'No file has the sheet vCPU, so nothing is known of sockets, reservations and limits.',
    remedy: allSheets,
  },
  'sheet.vPartition': {
    message: 'No file has the sheet vPartition, so nothing is known of how full the file systems of guests are.',
    remedy: allSheets,
  },
  'sheet.vSnapshot': {
    message: 'No file has the sheet vSnapshot, so nothing is known of snapshots.',
    remedy: allSheets,
  },
  'sheet.vTools': {
    message: 'No file has the sheet vTools, so nothing is known of the state of VMware Tools.',
    remedy: allSheets,
  },
  'sheet.vDatastore': {
    message: 'No file has the sheet vDatastore, so nothing is known of the size and type of datastores.',
    remedy: allSheets,
  },
  'sheet.vCluster': {
    message: 'No file has the sheet vCluster, so nothing is known of high availability and DRS of clusters.',
    remedy: allSheets,
  },
  'usage.lost': {
    message: "Machines of '{location}' that are not in the estate, or of whose name there are several: {count} ({machines}).",
    remedy: 'Call machines in the usage file as in the estate: by id, UUID or name.',
  },
  'metrics.none': {
    message: 'The cluster serves no metrics (metrics.k8s.io), so nothing is known of the use of processors and memory.',
    remedy: 'Install metrics-server, or give a usage file.',
  },
  'list.denied': {
    message: 'The {kinds} may not be listed, so nothing is known of them. The API server says: {answer}.',
    remedy: 'Let the user list them, by a ClusterRole and its binding.',
  },
  'list.noAnswer': {
    message: 'The cluster does not answer for {kinds}, so nothing is known of them.',
    remedy: 'Look after the service behind them, as metrics-server, or give a usage file.',
  },
  'pods.none': {
    message: 'The cluster serves no pods, so only machines are counted.',
    remedy: 'Nothing, if it runs no containers.',
  },
  'guest.hostGone': {
    message: "'{guest}' is on the host '{host}', which the cluster does not list; it is left out.",
    remedy: 'Plan again when the cluster has noticed that the host is gone.',
  },
  'rule.tooManyPairs': {
    message: "A rule that keeps '{guest}' away from others is not taken over: it is about up to {count} pairs.",
    remedy: schedulerHolds,
  },
  'rule.nothingNear': {
    message: "A rule that keeps '{guest}' near others is not taken over: there is nothing of what it wants to be near.",
    remedy: schedulerHolds,
  },
  'rule.mixed': {
    message:
      "A rule that keeps '{guest}' near others is not taken over: some that have it are what it is about and some are not.",
    remedy: schedulerHolds,
  },
  'quantity.invalid': {
    message: "'{value}' is no quantity of {resource}.",
    remedy: 'Correct the object in its cluster; until then the value counts as unknown.',
  },
} as const

/** The id of a finding that comes with the product. */
export type FindingId = keyof typeof englishFindings

/** The two texts of a finding. */
export interface FindingText {
  readonly message: string
  readonly remedy: string
}

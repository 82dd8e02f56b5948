import type { MachineCheck } from './concern.ts'
import { endOfLifeOf, isConversionSupported, operatingSystemOf } from './operating-system.ts'

const clusterSoftware = /\b(?:wsfc|mscs|failover cluster|rac|pacemaker|corosync|always ?on)\b/iu
const boundLicences = /oracle|sap\b|ibm db2|citrix|matlab|ansys|flexlm/iu

/** What the guest itself brings: its operating system, its agents, its names and addresses. */
export const guestChecks: readonly MachineCheck[] = [
  {
    id: 'os.unsupported',
    severity: 'Warning',
    effortHours: 1,
    find: (machine) => {
      const system = operatingSystemOf(machine)
      return system === undefined || isConversionSupported(system) ? undefined : { system: system.name }
    },
  },
  {
    id: 'guest.os_eol',
    severity: 'Warning',
    effortHours: 1,
    find: (machine, { now }) => {
      const system = operatingSystemOf(machine)
      const end = system === undefined ? undefined : endOfLifeOf(system)
      return system !== undefined && end !== undefined && Date.parse(end) < now ? { system: system.name, date: end } : undefined
    },
  },
  {
    id: 'guest.sha2_win7',
    severity: 'Warning',
    effortHours: 1,
    find: (machine) => {
      const system = operatingSystemOf(machine)
      const isConcerned =
        (system?.product === 'windows' && system.version === '7') ||
        (system?.product === 'windows-server' && system.version === '2008 R2')
      return isConcerned ? { system: system.name } : undefined
    },
  },
  {
    id: 'hostname.default',
    severity: 'Warning',
    effortHours: 0.25,
    find: ({ guest: { hostName } }) =>
      hostName !== undefined && /^localhost(?:\.localdomain)?$/iu.test(hostName) ? { hostName } : undefined,
  },
  {
    id: 'tools.not_running',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ power, guest }) =>
      power === 'On' && guest.toolsStatus !== undefined && /not ?(?:running|installed)/iu.test(guest.toolsStatus)
        ? { status: guest.toolsStatus }
        : undefined,
  },
  {
    id: 'vm_missing_ip.detected',
    severity: 'Warning',
    effortHours: 0.25,
    find: ({ power, guest, nics }) =>
      power === 'On' &&
      guest.ipAddresses.length === 0 &&
      nics.length > 0 &&
      nics.every(({ ipAddresses }) => ipAddresses.length === 0)
        ? {}
        : undefined,
  },
  {
    id: 'cluster.guest_cluster',
    severity: 'Warning',
    effortHours: 8,
    find: ({ guest }) => {
      const found = (guest.applications ?? []).find((application) => clusterSoftware.test(application))
      return found === undefined ? undefined : { application: found }
    },
  },
  {
    id: 'license.bound',
    severity: 'Information',
    effortHours: 1,
    find: ({ name, guest }) => {
      const found = [name, ...(guest.applications ?? [])].find((text) => boundLicences.test(text))
      return found === undefined ? undefined : { product: found }
    },
  },
  {
    id: 'secret.in_annotation',
    severity: 'Warning',
    effortHours: 0.25,
    find: ({ hasSecretInNotes }) => (hasSecretInNotes === true ? {} : undefined),
  },
]

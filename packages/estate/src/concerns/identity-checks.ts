import { toLabel } from '../mapping/names.ts'
import type { MachineCheck } from './concern.ts'

/** What names, state, networks and rules bring. */
export const identityChecks: readonly MachineCheck[] = [
  {
    id: 'conn.not_connected',
    severity: 'Critical',
    effortHours: 1,
    find: ({ connection }) =>
      connection === undefined || /^connected$/iu.test(connection) ? undefined : `Its connection is '${connection}'.`,
  },
  {
    id: 'vm.suspended',
    severity: 'Critical',
    effortHours: 0.25,
    find: ({ power }) => (power === 'Suspended' ? 'It is suspended.' : undefined),
  },
  {
    id: 'vm.template',
    severity: 'Information',
    effortHours: 0.5,
    find: ({ type }) => (type === 'Template' ? 'It is a template.' : undefined),
  },
  {
    id: 'vm.srm_placeholder',
    severity: 'Information',
    effortHours: 0,
    find: ({ type }) => (type === 'SrmPlaceholder' ? 'It stands in for a machine of another site.' : undefined),
  },
  {
    id: 'vm.name.invalid',
    severity: 'Warning',
    effortHours: 0,
    find: ({ name }) =>
      toLabel(name, 'machine') === name
        ? undefined
        : `'${name}' becomes '${toLabel(name, 'machine')}': names are DNS-1123 labels.`,
  },
  {
    id: 'vm.duplicate_uuid',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ biosUuid }, { uuidCounts }) => {
      const count = uuidCounts.get(biosUuid?.toLowerCase() ?? '') ?? 0
      return count > 1 ? `${count} machines have the SMBIOS UUID ${biosUuid}.` : undefined
    },
  },
  {
    id: 'vm.duplicate_mac',
    severity: 'Critical',
    effortHours: 0.5,
    find: ({ nics }, { macCounts }) => {
      const twice = nics.flatMap(({ mac }) => (mac !== undefined && (macCounts.get(mac.toLowerCase()) ?? 0) > 1 ? [mac] : []))
      return twice.length === 0 ? undefined : `Other machines have the MAC address ${twice.join(', ')} too.`
    },
  },
  {
    id: 'host_affinity.detected',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ rules }) => {
      const found = rules.filter(({ type, name }) => /host/iu.test(type ?? name)).map(({ name }) => name)
      return found.length === 0 ? undefined : `Rules tie it to hosts: ${found.join(', ')}.`
    },
  },
  {
    id: 'rule.anti_affinity',
    severity: 'Information',
    effortHours: 0.25,
    find: ({ rules }) => {
      const found = rules.filter(({ type, name }) => /anti/iu.test(type ?? name)).map(({ name }) => name)
      return found.length === 0 ? undefined : `Rules keep it apart from others: ${found.join(', ')}.`
    },
  },
  {
    id: 'net.vlan_trunk_guest',
    severity: 'Warning',
    effortHours: 2,
    find: ({ nics }, { networkByName }) => {
      const found = nics
        .filter(({ network }) => /[-,]/u.test(networkByName.get(network ?? '')?.vlan ?? ''))
        .map(({ network }) => network)
      return found.length === 0 ? undefined : `It tags VLANs itself on ${found.join(', ')}.`
    },
  },
  {
    id: 'net.promiscuous',
    severity: 'Warning',
    effortHours: 2,
    find: ({ nics }, { networkByName }) => {
      const found = nics.flatMap(({ network }) => {
        const seen = networkByName.get(network ?? '')
        return seen?.isPromiscuous === true || seen?.allowsForgedTransmits === true ? [seen.name] : []
      })
      return found.length === 0 ? undefined : `${found.join(', ')} allows promiscuous mode or forged transmits.`
    },
  },
  {
    id: 'net.nsx_rules',
    severity: 'Warning',
    effortHours: 2,
    find: ({ nics }, { networkByName }) => {
      const found = nics.flatMap(({ network }) => (networkByName.get(network ?? '')?.isOpaque === true ? [network ?? ''] : []))
      return found.length === 0 ? undefined : `${found.join(', ')} is an NSX network.`
    },
  },
  {
    id: 'net.vmkernel_shared',
    severity: 'Warning',
    effortHours: 1,
    find: ({ nics }, { networkByName }) => {
      const found = nics.flatMap(({ network }) =>
        networkByName.get(network ?? '')?.hasVmkernelPort === true ? [network ?? ''] : [],
      )
      return found.length === 0 ? undefined : `${found.join(', ')} carries a vmkernel port as well.`
    },
  },
]

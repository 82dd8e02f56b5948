import { toLabel } from '../mapping/names.ts'
import type { EstateNetwork } from '../model/estate.ts'
import type { EstateMachine, MachineNic } from '../model/machine.ts'
import type { CheckContext, MachineCheck } from './concern.ts'

/** Rules by name; undefined if there are none. */
const named = (rules: EstateMachine['rules']): { readonly rules: readonly string[] } | undefined =>
  rules.length === 0 ? undefined : { rules: rules.map(({ name }) => name) }

/** The networks that cards are on and that are of a kind; undefined if there are none. */
function onNetworks(
  nics: readonly MachineNic[],
  { networkByName }: CheckContext,
  isConcerned: (network: EstateNetwork) => boolean,
): { readonly networks: readonly string[] } | undefined {
  const networks = nics.flatMap(({ network }) => {
    const seen = networkByName.get(network ?? '')
    return seen !== undefined && isConcerned(seen) ? [seen.name] : []
  })
  return networks.length === 0 ? undefined : { networks }
}

/** What names, state, networks and rules bring. */
export const identityChecks: readonly MachineCheck[] = [
  {
    id: 'conn.not_connected',
    severity: 'Critical',
    effortHours: 1,
    find: ({ connection }) => (connection === undefined || /^connected$/iu.test(connection) ? undefined : { connection }),
  },
  {
    id: 'vm.suspended',
    severity: 'Critical',
    effortHours: 0.25,
    find: ({ power }) => (power === 'Suspended' ? {} : undefined),
  },
  {
    id: 'vm.template',
    severity: 'Information',
    effortHours: 0.5,
    find: ({ type }) => (type === 'Template' ? {} : undefined),
  },
  {
    id: 'vm.srm_placeholder',
    severity: 'Information',
    effortHours: 0,
    find: ({ type }) => (type === 'SrmPlaceholder' ? {} : undefined),
  },
  {
    id: 'vm.name.invalid',
    severity: 'Warning',
    effortHours: 0,
    find: ({ name }) => {
      const label = toLabel(name, 'machine')
      return label === name ? undefined : { name, label }
    },
  },
  {
    id: 'vm.duplicate_uuid',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ biosUuid }, { uuidCounts }) => {
      const count = uuidCounts.get(biosUuid?.toLowerCase() ?? '') ?? 0
      return biosUuid !== undefined && count > 1 ? { count, uuid: biosUuid } : undefined
    },
  },
  {
    id: 'vm.duplicate_mac',
    severity: 'Critical',
    effortHours: 0.5,
    find: ({ nics }, { macCounts }) => {
      const macs = nics.flatMap(({ mac }) => (mac !== undefined && (macCounts.get(mac.toLowerCase()) ?? 0) > 1 ? [mac] : []))
      return macs.length === 0 ? undefined : { macs }
    },
  },
  {
    id: 'host_affinity.detected',
    severity: 'Warning',
    effortHours: 0.5,
    find: ({ rules }) => named(rules.filter(({ type, name }) => /host/iu.test(type ?? name))),
  },
  {
    id: 'rule.anti_affinity',
    severity: 'Information',
    effortHours: 0.25,
    find: ({ rules }) => named(rules.filter(({ type, name }) => /anti/iu.test(type ?? name))),
  },
  {
    id: 'net.vlan_trunk_guest',
    severity: 'Warning',
    effortHours: 2,
    find: ({ nics }, context) => onNetworks(nics, context, ({ vlan }) => /[-,]/u.test(vlan ?? '')),
  },
  {
    id: 'net.promiscuous',
    severity: 'Warning',
    effortHours: 2,
    find: ({ nics }, context) =>
      onNetworks(
        nics,
        context,
        ({ isPromiscuous, allowsForgedTransmits }) => isPromiscuous === true || allowsForgedTransmits === true,
      ),
  },
  {
    id: 'net.nsx_rules',
    severity: 'Warning',
    effortHours: 2,
    find: ({ nics }, context) => onNetworks(nics, context, ({ isOpaque }) => isOpaque === true),
  },
  {
    id: 'net.vmkernel_shared',
    severity: 'Warning',
    effortHours: 1,
    find: ({ nics }, context) => onNetworks(nics, context, ({ hasVmkernelPort }) => hasVmkernelPort === true),
  },
]

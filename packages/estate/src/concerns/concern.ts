import type { Estate, EstateCluster, EstateDatastore, EstateHost, EstateNetwork } from '../model/estate.ts'
import type { EstateMachine } from '../model/machine.ts'
import type { Values, ValuesOf } from '../sentences/template.ts'
import type { ClusterConcernId, ConcernId, englishConcerns } from './texts/english.ts'

/** How much a concern weighs: a critical one blocks the move of its machine until somebody acts. */
export type Severity = 'Critical' | 'Warning' | 'Information'

/** Something about a machine, or about the estate, that its owner should know before the move. */
export interface EstateConcern {
  /** Forklift's id without its provider where there is one, else ours. */
  readonly id: string
  readonly severity: Severity
  readonly object: { readonly kind: 'Machine' | 'Cluster' | 'Estate'; readonly id: string; readonly name: string }
  /** What was seen, in English; a rule of the user's own says it in its author's words. */
  readonly evidence: string
  /** The values in `evidence`, from which `evidenceText` says it in another language; none for a rule of the user's own. */
  readonly values: Values
  readonly remedy: string
  /** Extra work for a person, in hours. */
  readonly effortHours: number
}

/** What `find` returns for a concern: the values in the braces of its evidence. */
type EvidenceValues<Id extends ConcernId> = ValuesOf<(typeof englishConcerns)[Id]['evidence']>

type MachineConcernId = Exclude<ConcernId, ClusterConcernId>

/** A kind of concern about one machine. `find` returns the values that were seen, or undefined; a field that is absent shows nothing. */
export type MachineCheck = { readonly [Id in MachineConcernId]: CheckOf<Id> }[MachineConcernId]

interface CheckOf<Id extends ConcernId> {
  readonly id: Id
  readonly severity: Severity
  readonly effortHours: number
  readonly find: (machine: EstateMachine, context: CheckContext) => EvidenceValues<Id> | undefined
}

/** A check of the user's own. */
export interface UserCheck {
  readonly id: `user.${string}`
  readonly severity: Severity
  readonly effortHours: number
  readonly remedy: string
  /** What the rule says of `machine`, in its author's words; undefined if it does not hold. */
  readonly find: (machine: EstateMachine, context: CheckContext) => string | undefined
}

/** A host of the fabric that machines move to, for checks of fit. */
export interface TargetNode {
  readonly cores: number
  readonly memoryBytes: number
}

/** What checks look things up in: built once for an estate, so that each check costs what its machine does. */
export interface CheckContext {
  readonly estate: Estate
  /** When the estate was read, milliseconds since the epoch; the moment that ages are counted to. */
  readonly now: number
  readonly clusterById: ReadonlyMap<string, EstateCluster>
  readonly hostById: ReadonlyMap<string, EstateHost>
  readonly datastoreByName: ReadonlyMap<string, EstateDatastore>
  readonly networkByName: ReadonlyMap<string, EstateNetwork>
  /** How often each SMBIOS UUID and each MAC address occurs, both in lower case. */
  readonly uuidCounts: ReadonlyMap<string, number>
  readonly macCounts: ReadonlyMap<string, number>
  /** The largest node of the target; undefined if it is not known. */
  readonly target: TargetNode | undefined
}

/** A context for `estate`. `now` is used where the estate has no time of its own. */
export function createCheckContext(
  estate: Estate,
  { now, target }: { readonly now: number; readonly target?: TargetNode },
): CheckContext {
  const collected = Date.parse(estate.metadata.collectedTime ?? '')
  return {
    estate,
    now: Number.isNaN(collected) ? now : collected,
    clusterById: new Map(estate.clusters.map((cluster) => [cluster.id, cluster])),
    hostById: new Map(estate.hosts.map((host) => [host.id, host])),
    datastoreByName: new Map(estate.datastores.map((datastore) => [datastore.name, datastore])),
    networkByName: new Map(estate.networks.map((network) => [network.name, network])),
    uuidCounts: countOf(estate.machines.flatMap(({ biosUuid }) => biosUuid ?? [])),
    macCounts: countOf(estate.machines.flatMap(({ nics }) => nics.flatMap(({ mac }) => mac ?? []))),
    target,
  }
}

function countOf(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value.toLowerCase(), (counts.get(value.toLowerCase()) ?? 0) + 1)
  return counts
}

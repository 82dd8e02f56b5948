import { finding } from '../findings/finding.ts'
import { type Estate, type EstateHost, estateVersion } from '../model/estate.ts'
import type { EstateMachine } from '../model/machine.ts'
import { present } from '../model/present.ts'
import type { FindingLog } from '../findings/finding-log.ts'
import { reconcile } from '../reconcile/reconcile.ts'
import { compareSheets } from './compare-sheets.ts'
import type { Infrastructure } from './infrastructure.ts'
import type { MachineDraft, MachineDrafts } from './machine-drafts.ts'
import { type SourceDraft, toSource } from './reading.ts'
import { fromText } from './times.ts'
import { toMachine } from './to-machine.ts'

/** Everything that was read. */
interface Parts {
  readonly machines: MachineDrafts
  readonly infrastructure: Infrastructure
  readonly sources: readonly SourceDraft[]
  readonly log: FindingLog
  readonly name: string
}

/** The finished estate: machines placed, sheets compared, times read in the order that their file keeps to. */
export function assemble({ machines: drafts, infrastructure, sources, log, name }: Parts): Estate {
  const machines = Array.from(drafts.drain(), (draft) => finishMachine(draft, infrastructure, log))
  const hosts = infrastructure.hosts()
  for (const { host, isListed } of hosts)
    if (!isListed && sources.some(({ parts }) => parts.has('vHost'))) reportUnlisted(host, log)
  for (const source of sources) reportMixedDates(source, log)
  const collectedTime = sources
    .flatMap(({ collectedTime }) => collectedTime ?? [])
    .toSorted()
    .at(-1)
  const estate: Estate = {
    apiVersion: estateVersion,
    kind: 'Estate',
    metadata: { name, ...present({ collectedTime }) },
    sources: sources.map(toSource),
    clusters: infrastructure.clusters(),
    hosts: hosts.map(({ host, biosDate, source }) => ({ ...host, ...present({ biosDate: timeIn(source)(biosDate) }) })),
    datastores: infrastructure.datastores(),
    networks: infrastructure.networks(),
    machines,
    findings: [],
  }
  for (const each of reconcile(estate)) log.add(each)
  return { ...estate, findings: log.list() }
}

function finishMachine(draft: MachineDraft, infrastructure: Infrastructure, log: FindingLog): EstateMachine {
  const { info, scope, source } = draft
  compareSheets(draft, log)
  const clusterId = infrastructure.clusterId(info.cluster, info.datacenter, { scope, source })
  const bare = { sourceId: source.id, ...present({ clusterId, datacenter: info.datacenter }) }
  const hostId = info.host === undefined ? undefined : infrastructure.hostOf(info.host, scope, bare, source).host.id
  return toMachine(draft, { clusterId, hostId, toTime: timeIn(source) })
}

const timeIn =
  (source: SourceDraft) =>
  (text: string | undefined): string | undefined =>
    text === undefined
      ? undefined
      : text.endsWith('Z')
        ? text
        : fromText(text, source.hasMixedDates ? undefined : source.dateOrder)

const reportUnlisted = (host: EstateHost, log: FindingLog): void =>
  log.add(finding('host.unlisted', { kind: 'Missing', object: `host/${host.id}`, field: 'Host' }, { host: host.name }))

function reportMixedDates(source: SourceDraft, log: FindingLog): void {
  if (source.hasMixedDates)
    log.add(finding('source.mixedDates', { kind: 'Invalid', object: `source/${source.id}` }, { location: source.location }))
}

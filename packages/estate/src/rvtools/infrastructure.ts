import { finding } from '../findings/finding.ts'
import type { EstateCluster, EstateDatastore, EstateHost, EstateNetwork } from '../model/estate.ts'
import { present } from '../model/present.ts'
import type { Reading, SourceDraft } from './reading.ts'
import type { SheetRow } from './sheets.ts'

/** A host while its estate is read. */
export interface HostDraft {
  readonly host: EstateHost
  readonly scope: string
  /** False if only a machine names it. */
  readonly isListed: boolean
  /** Machines that its own row counts. */
  readonly machineCount: number | undefined
  readonly biosDate: string | undefined
  readonly source: SourceDraft
}

interface NetworkDraft {
  readonly network: EstateNetwork
  readonly hasVmkernelPort: boolean
}

/** Clusters, hosts, datastores and networks of a reading, by vCenter and name. The first row of each counts. */
export class Infrastructure {
  readonly #reading: Reading
  readonly #clusters = new Map<string, EstateCluster>()
  readonly #clusterRows: { readonly row: SheetRow<'vCluster'>; readonly scope: string; readonly source: SourceDraft }[] = []
  readonly #hosts = new Map<string, HostDraft>()
  readonly #hostsByName = new Map<string, HostDraft | null>()
  readonly #datastores = new Map<string, EstateDatastore>()
  readonly #networks = new Map<string, NetworkDraft>()

  constructor(reading: Reading) {
    this.#reading = reading
  }

  readonly readers = {
    vHost: (row: SheetRow<'vHost'>, source: SourceDraft) => this.#addHost(row, source),
    vCluster: (row: SheetRow<'vCluster'>, source: SourceDraft) => {
      this.#clusterRows.push({ row, scope: this.#reading.scopeOf(row, source), source })
    },
    vDatastore: (row: SheetRow<'vDatastore'>, source: SourceDraft) => this.#addDatastore(row, source),
    vPort: (row: SheetRow<'vPort'>, source: SourceDraft) => this.#addNetwork(row, source),
    dvPort: (row: SheetRow<'dvPort'>, source: SourceDraft) => {
      // Uplinks carry the traffic of port groups and are no network of machines.
      if (!/uplink/iu.test(row.type ?? '')) this.#addNetwork(row, source)
    },
    vSC_VMK: (row: SheetRow<'vSC_VMK'>, source: SourceDraft) => {
      const key = `${this.#reading.scopeOf(row, source)}/${row.network ?? ''}`
      const known = this.#networks.get(key)
      if (known !== undefined) this.#networks.set(key, { ...known, hasVmkernelPort: true })
    },
  } as const

  /** The id of a cluster that a host or machine names, made if it is new. */
  clusterId(
    name: string | undefined,
    datacenter: string | undefined,
    place: { scope: string; source: SourceDraft },
  ): string | undefined {
    if (name === undefined) return undefined
    const id = [place.scope, datacenter, name].filter((each) => each !== undefined).join('/')
    if (!this.#clusters.has(id)) this.#clusters.set(id, { id, sourceId: place.source.id, name, ...present({ datacenter }) })
    return id
  }

  /** The host that a machine names: of its vCenter, else the only one of that name, else a bare one made for it. */
  hostOf(name: string, scope: string, bare: Omit<EstateHost, 'id' | 'name'>, source: SourceDraft): HostDraft {
    const key = `${scope}/${name.toLowerCase()}`
    const known = this.#hosts.get(key) ?? this.#hostsByName.get(name.toLowerCase())
    if (known !== undefined && known !== null) return known
    const host = { id: `${scope}/${name}`, name, ...bare }
    const draft = { host, scope, isListed: false, machineCount: undefined, biosDate: undefined, source }
    this.#hosts.set(key, draft)
    return draft
  }

  hosts(): readonly HostDraft[] {
    return [...this.#hosts.values()]
  }

  clusters(): readonly EstateCluster[] {
    for (const { row, scope, source } of this.#clusterRows) this.#mergeCluster(row, scope, source)
    this.#clusterRows.length = 0
    return [...this.#clusters.values()]
  }

  datastores(): readonly EstateDatastore[] {
    return [...this.#datastores.values()]
  }

  networks(): readonly EstateNetwork[] {
    return [...this.#networks.values()].map(({ network, hasVmkernelPort }) =>
      hasVmkernelPort ? { ...network, hasVmkernelPort } : network,
    )
  }

  #addHost(row: SheetRow<'vHost'>, source: SourceDraft): void {
    const { name, datacenter } = row
    if (name === undefined) return
    const scope = this.#reading.scopeOf(row, source)
    const key = `${scope}/${name.toLowerCase()}`
    const known = this.#hosts.get(key)
    if (known !== undefined) {
      this.#reportTwice(known, source)
      if ((source.collectedTime ?? '') <= (known.source.collectedTime ?? '')) return
    }
    const cores =
      row.cores ?? (row.sockets !== undefined && row.coresPerSocket !== undefined ? row.sockets * row.coresPerSocket : undefined)
    const threads = cores === undefined || row.isHyperThreading === undefined ? undefined : cores * (row.isHyperThreading ? 2 : 1)
    const host: EstateHost = {
      id: `${scope}/${name}`,
      sourceId: source.id,
      name,
      ...present({
        clusterId: this.clusterId(row.cluster, datacenter, { scope, source }),
        datacenter,
        vendor: row.vendor,
        model: row.model,
      }),
      ...present({ cpuModel: row.cpuModel, cpuMhz: row.speed, sockets: row.sockets, cores, threads, memoryBytes: row.memory }),
      ...present({ cpuUsagePercent: row.cpuUsage, memoryUsagePercent: row.memoryUsage, isInMaintenance: row.isInMaintenance }),
      ...present({ version: row.version, evcMode: row.evcMode }),
    }
    const draft = { host, scope, isListed: true, machineCount: row.machineCount, biosDate: row.biosDate, source }
    this.#hosts.set(key, draft)
    const nameKey = name.toLowerCase()
    this.#hostsByName.set(nameKey, this.#hostsByName.has(nameKey) && known === undefined ? null : draft)
  }

  #reportTwice(known: HostDraft, source: SourceDraft): void {
    const about = { object: `host/${known.host.id}`, field: 'Host' }
    const host = known.host.name
    const [first, second] = [known.source.location, source.location]
    this.#reading.log.add(
      known.source === source
        ? finding('host.twice', { kind: 'Contradictory', ...about }, { host, location: first })
        : finding('host.inTwoExports', { kind: 'Stale', ...about }, { host, first, second }),
    )
  }

  /** vCluster shows no datacenter: its row is of every cluster of that name in the vCenter. */
  #mergeCluster(row: SheetRow<'vCluster'>, scope: string, source: SourceDraft): void {
    const { name } = row
    if (name === undefined) return
    const settings = present({
      isHaEnabled: row.isHaEnabled,
      isDrsEnabled: row.isDrsEnabled,
      isDpmEnabled: row.isDpmEnabled,
      failoverHosts: row.failover,
    })
    const inScope = [...this.#clusters.values()].filter((each) => each.name === name && each.id.startsWith(`${scope}/`))
    const named = [...this.#clusters.values()].filter((each) => each.name === name)
    const matches = inScope.length > 0 ? inScope : scope === source.id ? named : []
    if (matches.length === 0) this.clusterId(name, undefined, { scope, source })
    for (const { id } of matches.length > 0 ? matches : [{ id: `${scope}/${name}` }]) {
      const known = this.#clusters.get(id)
      if (known !== undefined) this.#clusters.set(id, { ...known, ...settings })
    }
  }

  #addDatastore(row: SheetRow<'vDatastore'>, source: SourceDraft): void {
    if (row.name === undefined) return
    const id = `${this.#reading.scopeOf(row, source)}/${row.name}`
    if (this.#datastores.has(id)) return
    const shape = present({ type: row.type, capacityBytes: row.capacity, freeBytes: row.free, hostCount: row.hostCount })
    this.#datastores.set(id, { id, sourceId: source.id, name: row.name, ...shape })
  }

  /** A standard port group stands once for each host; one that allows more on any host allows it. */
  #addNetwork(row: SheetRow<'vPort'> | SheetRow<'dvPort'>, source: SourceDraft): void {
    if (row.network === undefined) return
    const id = `${this.#reading.scopeOf(row, source)}/${row.network}`
    const known = this.#networks.get(id)
    const either = (a: boolean | undefined, b: boolean | undefined): boolean | undefined =>
      a === true || b === true ? true : (a ?? b)
    this.#networks.set(id, {
      network: {
        id,
        sourceId: source.id,
        name: row.network,
        ...present({
          switchName: known?.network.switchName ?? row.switchName,
          vlan: known?.network.vlan ?? vlanOf(row.vlan),
          isPromiscuous: either(known?.network.isPromiscuous, row.isPromiscuous),
          allowsForgedTransmits: either(known?.network.allowsForgedTransmits, row.allowsForgedTransmits),
        }),
      },
      hasVmkernelPort: known?.hasVmkernelPort ?? false,
    })
  }
}

/** `0` means no tag. Trunks come as `0-4094` or a list. */
const vlanOf = (text: string | undefined): string | undefined => {
  const vlan = text?.replaceAll(/\s/gu, '')
  return vlan !== undefined && vlan !== '0' && /^\d{1,4}(?:[-,]\d{1,4})*$/u.test(vlan) ? vlan : undefined
}

import {
  dataVolume,
  type KindDefinition,
  type KubernetesObject,
  lease,
  node,
  persistentVolume,
  persistentVolumeClaim,
  virtualMachine,
  virtualMachineInstance,
} from '@weir/api'
import { silentLogger } from '@weir/base'
import { type Client, createClient } from '@weir/client'
import { createFaultyTransport, createTestClock, type Fault, startTestApi, type TestApi, type TestClock } from '@weir/testkit'
import type { ImageImport, ImportImage } from '../data-volume/import-image.ts'
import { createTransfers, type Transfers } from '../data-volume/transfers.ts'
import { engineControllers } from '../engine-controllers.ts'
import { arrangeHosts } from '../host/arrange-hosts.ts'
import { createNodeAgent, type NodeAgent } from '../host/node-agent.ts'
import { createFakeProcessTable, type FakeProcessTable } from '../machine/fake-machines.ts'
import type { Machines, MachineSpec } from '../machine/machine.ts'
import { createFakeDisk, type FakeDisk } from '../volume/fake-volumes.ts'
import type { Volumes } from '../volume/volumes.ts'
import { guardedMachines, type MachineWatch } from './guarded-machines.fixture.ts'
import type { Interruption } from './interruptions.fixture.ts'
import { createReconcileLoop, type Job, type ReconcileLoop } from './reconcile-loop.fixture.ts'

/** An import that waits for its end. */
interface OpenImport {
  readonly request: ImageImport
  readonly end: (fails?: Error) => void
}

/** One life of the engine: what a crash takes away. */
interface Generation {
  readonly loop: ReconcileLoop
  readonly agents: readonly NodeAgent[]
  readonly machines: Machines
  readonly transfers: Transfers
}

/** What the world is made of. Both resources are of the whole machine. */
export interface EngineWorldOptions {
  readonly hosts: number
  readonly cpuCount: number
  readonly memoryBytes: number
  /** Whether a guest hears its power button. */
  readonly obeys?: (spec: MachineSpec) => boolean
}

/**
 * A whole engine over an API server of this process and over imagined processes and disks, in which nothing happens but
 * what the test makes happen. A key runs alone or at once with others; caches are as old as the test lets them be; each
 * request to the API may fail; the engine may die at any request.
 */
export class EngineWorld {
  readonly api: TestApi
  readonly clock: TestClock
  readonly processes: FakeProcessTable
  readonly disk: FakeDisk
  /** Hosts whose heartbeats do not get through. */
  readonly silent = new Set<string>()
  /** What happens to each next request of the controllers, in order; then all pass. */
  readonly faults: Fault[] = []
  /** How many turns of the event loop each next request of the controllers waits, in order; then none. */
  readonly delays: number[] = []
  /** What was done that must not be done; empty in a world that is right. */
  readonly violations: string[] = []
  readonly events: { readonly reason: string; readonly message: string; readonly name: string; readonly host?: string }[] = []
  readonly #locked = new Set<string>()
  #imports: OpenImport[] = []
  #generation: Generation | undefined
  #requestsLeft = Number.POSITIVE_INFINITY
  #interruption: { readonly what: Interruption; readonly at: number } | undefined
  #isDead = false
  #lastPort = 0
  /** How many requests the controllers of all engines have made. */
  requestCount = 0
  readonly #options: EngineWorldOptions

  private constructor(api: TestApi, clock: TestClock, options: EngineWorldOptions) {
    this.api = api
    this.clock = clock
    this.#options = options
    this.disk = createFakeDisk()
    this.processes = createFakeProcessTable({
      ...(options.obeys === undefined ? {} : { obeys: options.obeys }),
      refuses: (spec) => {
        const missing = spec.disks.find(({ path }) => !this.disk.has(path))
        if (missing !== undefined) return `Could not open '${missing.path}': No such file or directory`
        const isLocked = spec.disks.some(({ path }) => [...this.#locked].some((id) => path.includes(id)))
        return isLocked ? 'Failed to get "write" lock; Is another process using the image?' : undefined
      },
    })
  }

  /** A world whose hosts are registered. */
  static async create(options: EngineWorldOptions): Promise<EngineWorld> {
    const clock = createTestClock()
    const world = new EngineWorld(await startTestApi({ clock }), clock, options)
    await world.restart(options.hosts)
    return world
  }

  get client(): Client {
    return this.api.client
  }

  get loop(): ReconcileLoop {
    return this.#life.loop
  }

  /** What the engine of now holds in its hands. */
  get machines(): Machines {
    return this.#life.machines
  }

  get agents(): readonly NodeAgent[] {
    return this.#life.agents
  }

  get #life(): Generation {
    if (this.#generation === undefined) throw new Error('the world has no engine')
    return this.#generation
  }

  /** The engine dies, as by kill -9, and another begins over what is left; with as many hosts as before or as many as given. */
  async restart(hosts?: number): Promise<void> {
    const { api, clock } = this
    await this.#die()
    const [machines, volumes] = [this.processes.open(), this.disk.open()]
    await volumes.start()
    await machines.adopt()
    const transfers = createTransfers({ clock, logger: silentLogger })
    const resources = { cpuCount: this.#options.cpuCount, memoryBytes: this.#options.memoryBytes }
    const arranged = { client: api.client, logger: silentLogger, count: hosts, resources, machineName: 'host' }
    const kvm = { usable: false, reason: 'a test.' }
    const shares = await arrangeHosts({ ...arranged, kvm, version: 'v1' }, new AbortController().signal)
    const agents = shares.map((share) =>
      createNodeAgent({
        client: api.client,
        clock,
        logger: silentLogger,
        share,
        machines: guardedMachines(machines, this.#watch(share.name)),
        volumes,
      }),
    )
    for (const agent of agents) await agent.register(new AbortController().signal)
    const loop = createReconcileLoop({
      client: this.#clientOfEngine(),
      reader: api.client,
      now: () => clock.now(),
      controllers: (context) =>
        engineControllers({
          context,
          clock,
          logger: silentLogger,
          machines: guardedMachines(machines, this.#watch(undefined)),
          volumes,
          transfers,
          importImage: this.#importImage,
          freePort: async () => 20_000 + (this.#lastPort = (this.#lastPort + 1) % 3),
          agents,
        }),
    })
    this.#generation = { loop, agents, machines, transfers }
    for (const kind of loop.kinds()) await loop.sync(kind)
  }

  async #die(): Promise<void> {
    if (this.#generation === undefined) return
    const { loop, transfers, machines } = this.#generation
    loop.end()
    this.#imports = []
    // Its copies are lost with it: they must not tell anybody of their end.
    void transfers.stop()
    await machines.close()
    this.faults.length = 0
    this.#requestsLeft = Number.POSITIVE_INFINITY
    this.#isDead = false
    await turn()
  }

  /** Ends the world. */
  async close(): Promise<void> {
    await this.#die()
    await this.api.close()
  }

  /** Runs jobs at once; each is over when it resolves. */
  async run(...jobs: readonly Job[]): Promise<void> {
    await Promise.all(jobs.map((job) => this.loop.run(job)))
    await turn()
  }

  /** Runs `job`, but the engine dies at request number `requests` (from 0); with `isLost` that one still gets through. */
  async crashDuring(job: Job, { requests, isLost }: { readonly requests: number; readonly isLost: boolean }): Promise<void> {
    this.#requestsLeft = requests
    this.faults.length = 0
    if (isLost) this.faults.push(...Array.from({ length: requests }, () => 'pass' as const), 'lost')
    if (isLost) this.#requestsLeft = requests + 1
    await this.run(job)
    await this.restart()
  }

  /** Interrupts at request number `at` (from 0) of all that the controllers make from the beginning of the world. */
  interrupt(what: Interruption, at: number): void {
    this.#interruption = { what, at }
  }

  /** Lets time pass; the heartbeats of all hosts that are not silent get through. */
  async advance(millis: number): Promise<void> {
    await this.clock.advance(millis)
    for (const { host, heartbeat } of this.#life.agents) if (!this.silent.has(host)) await heartbeat.beat()
  }

  /** The imports that are under way, by the address they read. */
  imports(): readonly string[] {
    return this.#imports.map(({ request }) => request.url)
  }

  /** Somebody outside opens a volume for writing: no machine starts with it. */
  lockDisk(id: string): void {
    this.#locked.add(id)
  }

  unlockDisk(id: string): void {
    this.#locked.delete(id)
  }

  /** An import tells how far it is. */
  reportProgress(index: number, percent: number): void {
    this.#imports[index]?.request.onProgress(percent)
  }

  /** Ends an import, well or with `error`. */
  async finishImport(index: number, error?: Error): Promise<void> {
    const [found] = this.#imports.splice(index, 1)
    found?.end(error)
    await turn()
  }

  /**
   * Lets everything come to rest, without faults: all hosts are heard, imports succeed, garbage is collected, every cache is
   * fresh, every key that is woken runs, until nothing has changed for ten minutes. False if it never comes to rest.
   */
  async settle({ withFaults = false }: { readonly withFaults?: boolean } = {}): Promise<boolean> {
    if (!withFaults) this.faults.length = 0
    this.delays.length = 0
    this.silent.clear()
    await this.advance(0)
    let quietSince = this.clock.now()
    for (let round = 0; round < 2000; round++) {
      const isChanged = await this.#round()
      while (this.#imports.length > 0) await this.finishImport(0)
      if (isChanged) quietSince = this.clock.now()
      else if (this.clock.now() - quietSince > 600_000) return true
      else {
        const due = this.loop.nextPoll() ?? Number.POSITIVE_INFINITY
        await this.advance(Math.max(1, Math.min(30_000, due - this.clock.now())))
      }
    }
    return false
  }

  /** Rounds of ordinary work: garbage is collected, every cache is brought up to date, every key that was woken runs. */
  async work(rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round++) await this.#round()
  }

  /** Rounds of ordinary work until `isSo`. @throws Error after a hundred in vain. */
  async workUntil(isSo: () => Promise<boolean>): Promise<void> {
    for (let round = 0; round < 100; round++) {
      if (await isSo()) return
      await this.work(1)
    }
    throw new Error('a hundred rounds of work did not bring it about')
  }

  /** True if anything was found changed, or changed on the way. */
  async #round(): Promise<boolean> {
    await this.api.server.housekeeping.settle()
    const traces = this.#traces()
    let changed = 0
    for (const kind of this.loop.kinds()) {
      const isChanged = await this.loop.sync(kind)
      if (isChanged && kind.kind !== lease.kind) changed++
    }
    for (const job of this.loop.pending()) {
      await this.run(job)
      if (!this.#isDead) continue
      await this.restart()
      return true
    }
    return changed > 0 || this.#traces() !== traces
  }

  #traces(): string {
    return JSON.stringify([this.processes.alive().map(({ id }) => id), this.processes.traces(), this.disk.ids()])
  }

  /** Everything there is but heartbeats, with versions: the same twice means that nothing was written in between. */
  async picture(): Promise<string> {
    const kinds = [virtualMachine, virtualMachineInstance, dataVolume, persistentVolumeClaim, persistentVolume, node]
    const lists = await Promise.all(kinds.map((kind) => this.list(kind as KindDefinition)))
    return JSON.stringify([lists, this.#traces()])
  }

  /** The objects of a kind as the API has them now, in order of their names. */
  async list<T extends KubernetesObject>(kind: KindDefinition<T>): Promise<readonly T[]> {
    const { items } = await this.client.list(kind)
    return items.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  }

  readonly #importImage: ImportImage = async (volumes: Volumes, request) => {
    await new Promise<void>((resolve, reject) => {
      const end = (fails?: Error): void => (fails === undefined ? resolve() : reject(fails))
      request.signal.addEventListener('abort', () => reject(request.signal.reason as Error), { once: true })
      this.#imports.push({ request, end })
    })
    request.signal.throwIfAborted()
    await volumes.ensureFilled(request.id, request.sizeBytes, async () => {})
  }

  #clientOfEngine(): Client {
    const faulty = createFaultyTransport(this.api.transport, () => this.#nextFault())
    const client = createClient({
      request: async (request) => {
        for (let turns = this.delays.shift() ?? 0; turns > 0; turns--) await turn()
        return faulty.request(request)
      },
    })
    return {
      ...client,
      // Events are best effort and written in the background: here they are only heard.
      create: async (kind, object, signal) => {
        if (kind.kind !== 'Event') return client.create(kind, object, signal)
        this.#hear(object)
        return object
      },
    }
  }

  #watch(host: string | undefined): MachineWatch {
    return {
      host,
      now: () => this.clock.now(),
      instances: () => this.list(virtualMachineInstance),
      report: (violation) => void this.violations.push(violation),
    }
  }

  #hear(event: KubernetesObject): void {
    const { reason, message, source, involvedObject } = event as unknown as {
      readonly reason: string
      readonly message: string
      readonly source: { readonly host?: string }
      readonly involvedObject: { readonly name: string }
    }
    this.events.push({ reason, message, name: involvedObject.name, ...(source.host === undefined ? {} : { host: source.host }) })
  }

  #nextFault(): Fault {
    if (this.#isDead) return 'unreachable'
    const { what, at } = this.#interruption ?? {}
    if (what !== undefined && at === this.requestCount++) {
      if (what.kind === 'fault') return what.fault
      this.#isDead = true
      return what.isLost ? 'lost' : 'unreachable'
    }
    if (this.#requestsLeft <= 0) return 'unreachable'
    this.#requestsLeft--
    return this.faults.shift() ?? 'pass'
  }
}

/** Lets what was begun in the background go on. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

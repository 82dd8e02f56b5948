/**
 * Failover certificates on an estate of 10,000 machines drawn from real shapes: packed, then made to survive any one host, any
 * two, any rack of 16. Prints hosts over (bound + hosts that may fail), moves, seconds, and what the checker finds.
 * Usage: node bench/planner/certificates.ts VMS_CSV [SEEDS, as 101,102] [COUNT]
 */
import type { Failover, PlacementPlan, PlacementProblem } from '@weir/planner'
import { reinforce } from '@weir/planner'
import { checkPlan } from '@weir/planner/checker'
import { packHosts } from './pack.ts'
import { drawMachines, hostBound, hostTypeOf, problemOf, type Server, serverName } from './real-machines.ts'

const [csv, seedList = '101,102,103', count = '10000'] = process.argv.slice(2)
if (csv === undefined) throw new Error('give the path of vms.csv')

const servers: readonly Server[] = [
  { cores: 32, memoryGibibytes: 256, overcommit: 3 },
  { cores: 64, memoryGibibytes: 512, overcommit: 3 },
  { cores: 64, memoryGibibytes: 512, overcommit: 1 },
  { cores: 128, memoryGibibytes: 1024, overcommit: 2 },
  { cores: 48, memoryGibibytes: 768, overcommit: 3 },
  { cores: 64, memoryGibibytes: 1024, overcommit: 4 },
]
const rackSize = 16
const failures: readonly { readonly name: string; readonly failover: Failover; readonly lost: number }[] = [
  { name: 'N+1', failover: { hosts: 1 }, lost: 1 },
  { name: 'N+2', failover: { hosts: 2 }, lost: 2 },
  { name: 'rack', failover: { topologyKey: 'rack' }, lost: rackSize },
]

for (const server of servers) for (const seed of seedList.split(',').map(Number)) run(csv, server, seed)

function run(csv: string, server: Server, seed: number): void {
  const type = hostTypeOf(server)
  const workloads = drawMachines(csv, server, { count: Number(count), seed })
  const bound = hostBound(workloads, type)
  const racks = Math.ceil((bound * 1.1) / rackSize) + 3
  const hosts = Array.from({ length: racks * rackSize }, (_, at) => ({
    name: `host-${at}`,
    type: type.name,
    labels: { rack: `rack-${Math.floor(at / rackSize)}` },
  }))
  const problem: PlacementProblem = { ...problemOf([{ ...type, count: hosts.length }], workloads), hosts }
  const { hostCount, hostOf } = packHosts(problem, 150_000)
  const packed = {
    hosts: hosts.slice(0, hostCount).map(({ name, type }) => ({ name, type })),
    assignments: Object.fromEntries([...hostOf].map(([name, at]) => [name, `host-${at}`])),
  }
  for (const { name, failover, lost } of failures) {
    const start = performance.now()
    const strong = reinforce({ ...problem, policy: { failover } }, packed, failover)
    const certificates = [...strong.certificates()]
    const seconds = (performance.now() - start) / 1000
    const unplaced = certificates.reduce((sum, certificate) => sum + certificate.unplaced.length, 0)
    const plan: PlacementPlan = planOf(strong, certificates)
    const kinds = new Set(['HostList', 'Score', 'Bound'])
    const found = checkPlan({ ...problem, policy: { failover } }, plan).filter(({ kind }) => !kinds.has(kind))
    console.log(
      `${serverName(server).padEnd(15)} seed ${seed} ${name.padEnd(5)} bound ${bound}, packed ${packed.hosts.length}, hosts ${strong.hosts.length}: ` +
        `${(strong.hosts.length / (bound + lost)).toFixed(4)} of bound + ${lost}; ${certificates.length} failures, ${unplaced} unplaced, ` +
        `${found.length} violations; ${strong.movedCount} moved; ${seconds.toFixed(1)} s`,
    )
  }
}

/** A plan with what the checker looks at here: who is where and the certificates. */
function planOf(
  placement: Pick<PlacementPlan, 'assignments'> & { readonly hosts: readonly { readonly name: string; readonly type: string }[] },
  certificates: PlacementPlan['certificates'],
): PlacementPlan {
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementPlan',
    hosts: placement.hosts.map(({ name, type }) => ({ name, type, workloadCount: 0, peak: {}, usable: {} })),
    assignments: placement.assignments,
    unplaced: [],
    score: { hostCount: 0, price: 0, licencePrice: 0, watts: 0, preference: 0, moveMebibytes: 0 },
    bound: { value: 0, by: 'Volume', all: [], gapPercent: 0 },
    certificates,
    run: { seed: 1, iterations: 0, isCutShort: false, hash: '' },
  }
}

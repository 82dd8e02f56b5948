/**
 * Decisions of the online placer: machines of real shapes arrive one by one on 1,000 and on 10,000 empty hosts until memory is
 * used to 80 %, then for each arrival one leaves. Prints decisions a second and percentiles of the time of one on one thread.
 * Usage: node bench/planner/online-placement.ts VMS_CSV [SEED] [DECISIONS]
 */
import { createOnlinePlacer } from '@weir/planner'
import { drawMachines, hostTypeOf, problemOf, seeded, type Server } from './real-machines.ts'

const [csv, seedText = '101', decisionText = '30000'] = process.argv.slice(2)
if (csv === undefined) throw new Error('give the path of vms.csv')
const server: Server = { cores: 64, memoryGibibytes: 512, overcommit: 4 }

for (const hostCount of [1000, 10_000]) run(csv, hostCount, Number(seedText), Number(decisionText))

function run(csv: string, hostCount: number, seed: number, decisionCount: number): void {
  const type = hostTypeOf(server)
  const sample = drawMachines(csv, server, { count: 5000, seed })
  const hosts = Array.from({ length: hostCount }, (_, at) => ({ name: `host-${at}`, type: type.name }))
  const placer = createOnlinePlacer({ ...problemOf([type], sample), hosts })
  const arrivals = drawMachines(csv, server, { count: decisionCount, seed: seed + 1 })
  const limit = 0.8 * hostCount * ((type.capacity['memory'] ?? 0) - (type.reserve?.['memory'] ?? 0))
  const random = seeded(seed)
  const present: { readonly name: string; readonly memory: number }[] = []
  let used = 0
  let unplaced = 0
  const millis: number[] = []
  for (const machine of arrivals) {
    const memory = machine.requests['memory'] ?? 0
    while (used + memory > limit) {
      const [gone] = present.splice(Math.floor(random() * present.length), 1)
      if (gone === undefined) break
      placer.remove(gone.name)
      used -= gone.memory
    }
    const start = performance.now()
    const decision = placer.place(machine)
    millis.push(performance.now() - start)
    if (decision.kind === 'Unplaced') unplaced++
    else {
      present.push({ name: machine.name, memory })
      used += memory
    }
  }
  console.log(
    `${hostCount} hosts, seed ${seed}: ${millis.length} decisions, ${present.length} machines at the end, ${unplaced} without a place`,
  )
  console.log(`  ${describe(millis)}`)
}

function describe(millis: readonly number[]): string {
  const sorted = millis.toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(3)
  const rate = (1000 * millis.length) / millis.reduce((sum, value) => sum + value, 0)
  return `${rate.toFixed(0)} a second, median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`
}

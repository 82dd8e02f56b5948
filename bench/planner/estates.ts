/**
 * Hosts against the bound on estates resampled from real machines, beside textbook planners. `--machines 10000,100000`, `--seconds 5`,
 * `--seeds 101,102`, `--layouts 0,1`.
 */
import { estateProblem, layouts } from './estate.ts'
import { findData } from './find-data.ts'
import { listOption, mean, measurePlan, ratioOf } from './measure.ts'
import { runPeers } from './peers.ts'

const machines = findData('bitbrains/vms.csv')
const [seconds = 5] = listOption('seconds', [5])
if (machines !== undefined) {
  for (const count of listOption('machines', [10_000])) {
    const ratios: number[] = []
    for (const index of listOption('layouts', [...layouts.keys()])) {
      const layout = layouts[index]
      if (layout === undefined) continue
      for (const seed of listOption('seeds', [101])) {
        const problem = estateProblem(machines, layout, { count, seed })
        // First fit without a tree is quadratic: it would take minutes on the largest estates.
        const peers = count > 20_000 ? {} : runPeers(problem)
        ratios.push(ratioOf(await measurePlan(`${count} machines on ${layout.name}`, problem, { seconds, seed, peers })))
      }
    }
    const peak = process.resourceUsage().maxRSS / 1024
    console.log(
      `${count} machines: mean ratio ${mean(ratios).toFixed(4)}, worst ${Math.max(...ratios).toFixed(4)}, peak RSS ${peak.toFixed(0)} MiB`,
    )
  }
}

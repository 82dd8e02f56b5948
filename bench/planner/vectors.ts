/** Hosts against the bound on random vectors. `--dimensions 2,3`, `--seconds 15`, `--seeds 101`, `--items 2000`. */
import { listOption, mean, measurePlan, ratioOf } from './measure.ts'
import { runPeers } from './peers.ts'
import { type VectorClass, vectorClasses, vectorProblem } from './vector-problem.ts'

const [seconds = 15] = listOption('seconds', [15])
const [count = 2000] = listOption('items', [2000])
for (const dimensions of listOption('dimensions', [2, 3, 4, 5, 6])) {
  const ratios: number[] = []
  for (const kind of Object.keys(vectorClasses) as VectorClass[]) {
    for (const seed of listOption('seeds', [101])) {
      const problem = vectorProblem(kind, dimensions, { count, seed })
      ratios.push(
        ratioOf(await measurePlan(`${dimensions} dimensions, ${kind}`, problem, { seconds, seed, peers: runPeers(problem) })),
      )
    }
  }
  console.log(`${dimensions} dimensions: mean ratio ${mean(ratios).toFixed(4)}`)
}

/** Hosts against the bound on containers with CPU curves and interference. `--seconds 60`, `--seeds 101`, `--out FILE` writes `instance,machine` lines. */
import { writeFileSync } from 'node:fs'
import { findData } from './find-data.ts'
import { listOption, measurePlan, textOption } from './measure.ts'
import { tianchiProblem } from './tianchi-problem.ts'

const folder = findData('tianchi')
const [seconds = 60] = listOption('seconds', [60])
const out = textOption('out')
if (folder !== undefined) {
  for (const seed of listOption('seeds', [101])) {
    const { plan } = await measurePlan('tianchi', tianchiProblem(folder), { seconds, seed })
    if (out !== undefined) {
      writeFileSync(
        out,
        Object.entries(plan.assignments)
          .map(([instance, machine]) => `${instance},${machine}\n`)
          .join(''),
      )
    }
  }
}

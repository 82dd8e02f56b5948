/**
 * Machine reassignment as of the ROADEF/EURO challenge 2012: costs against the winner's own results in 300 s, by an independent checker.
 * `--instances A2_1,B_1` (sets A2 and B if absent), `--seconds 300` (CPU of each lane), `--lanes 2`, `--seed 1`, `--iterations N` (no
 * clock), `--out DIR` writes solutions, `--check DIR` scores files `new_INSTANCE.txt` of another program.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { checkReassignment } from '@weir/planner/checker'
import { findData } from '../find-data.ts'
import { listOption, mean, textOption } from '../measure.ts'
import type { LaneResult, LaneTask } from './lane.ts'
import { readProblem, solutionText } from './official-format.ts'

/** A row of roadef_reference.csv. */
interface Reference {
  readonly instance: string
  readonly startCost: number
  readonly bound: number
  readonly winnerCost: number
}

function readReferences(folder: string): readonly Reference[] {
  const [, ...lines] = readFileSync(`${folder}/roadef_reference.csv`, 'utf8').trim().split('\n')
  return lines.map((line) => {
    const [instance = '', , , , startCost, bound, winnerCost] = line.split(',')
    return { instance, startCost: Number(startCost), bound: Number(bound), winnerCost: Number(winnerCost) }
  })
}

/** A lane in a thread. Rejects with what the thread threw. */
const runLane = async (task: LaneTask): Promise<LaneResult> =>
  await new Promise((resolve, reject) => {
    const worker = new Worker(new URL('lane.ts', import.meta.url), { workerData: task })
    worker.once('message', resolve)
    worker.once('error', reject)
  })

/** Cost by the checker over the winner's, in per cent of the start cost. */
async function scoreOf(folder: string, reference: Reference): Promise<number> {
  const { instance, startCost, bound, winnerCost } = reference
  const files = {
    modelFile: `${folder}/model_${instance.toLowerCase()}.txt`,
    assignmentFile: `${folder}/assignment_${instance.toLowerCase()}.txt`,
  }
  const found = await solve(files, instance)
  const { cost, violations } = checkReassignment(readProblem(files.modelFile, files.assignmentFile), found.hosts)
  const score = (100 * (cost - winnerCost)) / startCost
  console.log(
    `${instance}: ${cost}, ${violations.length} violations, ${score.toFixed(3)} % of the start above the winner's ${winnerCost}, bound ${bound}; ${found.note}`,
  )
  for (const violation of violations.slice(0, 5)) console.log(`  ${violation}`)
  return violations.length > 0 ? Infinity : score
}

/** A peer's solution if there are such files, else the best of all lanes; the first of equal ones. */
async function solve(
  files: Pick<LaneTask, 'modelFile' | 'assignmentFile'>,
  instance: string,
): Promise<{ readonly hosts: readonly number[]; readonly note: string }> {
  const peers = textOption('check')
  if (peers !== undefined)
    return { hosts: readFileSync(`${peers}/new_${instance}.txt`, 'utf8').trim().split(/\s+/u).map(Number), note: 'read' }
  const [seconds = 300] = listOption('seconds', [300])
  const [lanes = 2] = listOption('lanes', [2])
  const [seed = 1] = listOption('seed', [1])
  const iterations = Number(textOption('iterations') ?? Number.MAX_SAFE_INTEGER)
  const limit = textOption('iterations') === undefined ? seconds : Number.MAX_SAFE_INTEGER
  const results = await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => await runLane({ ...files, seed: seed + lane, iterations, seconds: limit })),
  )
  const best = results.reduce((least, next) => (next.cost < least.cost ? next : least))
  const out = textOption('out')
  if (out !== undefined) writeFileSync(`${out}/new_${instance}.txt`, solutionText(best.hosts))
  const note = results
    .map((lane) => `${lane.cost} in ${(lane.iterations / 1e6).toFixed(0)} M moves, ${lane.cpuSeconds.toFixed(0)} s`)
    .join('; ')
  return { hosts: best.hosts, note }
}

const folder = findData('roadef')
if (folder !== undefined && existsSync(`${folder}/roadef_reference.csv`)) {
  const wanted = textOption('instances')?.split(',')
  const references = readReferences(folder).filter(({ instance }) => wanted?.includes(instance) ?? /^(A2|B)_/u.test(instance))
  const scores: number[] = []
  for (const reference of references) scores.push(await scoreOf(folder, reference))
  console.log(`${scores.length} instances: mean ${mean(scores).toFixed(3)} %, worst ${Math.max(...scores).toFixed(3)} %`)
}

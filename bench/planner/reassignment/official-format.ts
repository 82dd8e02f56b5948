import { readFileSync } from 'node:fs'
import type { ReassignmentProblem } from '@weir/planner'

/**
 * Reads a model and its assignment in the format of the ROADEF/EURO challenge 2012: whole numbers between white space, in the order
 * resources, hosts, services, processes, balances, weights.
 * @throws Error that names the file if a number is missing or left over.
 */
export function readProblem(modelFile: string, assignmentFile: string): ReassignmentProblem {
  const numbers = readNumbers(modelFile)
  let at = 0
  const next = (): number => {
    const value = numbers[at++]
    if (value === undefined) throw new Error(`${modelFile} ends too early`)
    return value
  }
  const list = <T>(count: number, item: () => T): readonly T[] => Array.from({ length: count }, item)
  const resources = list(next(), () => ({ isTransient: next() === 1, loadWeight: next() }))
  const hostCount = next()
  const hosts = list(hostCount, () => ({
    neighbourhood: next(),
    location: next(),
    capacities: list(resources.length, next),
    safetyCapacities: list(resources.length, next),
    moveCosts: list(hostCount, next),
  }))
  const services = list(next(), () => ({ spreadMin: next(), dependencies: list(next(), next) }))
  const processes = list(next(), () => ({ service: next(), requirements: list(resources.length, next), moveCost: next() }))
  const balances = list(next(), () => ({ first: next(), second: next(), target: next(), weight: next() }))
  const weights = { process: next(), service: next(), host: next() }
  const start = [...readNumbers(assignmentFile)]
  if (at !== numbers.length) throw new Error(`${modelFile} has ${numbers.length - at} numbers too many`)
  if (start.length !== processes.length) throw new Error(`${assignmentFile} has ${start.length} hosts, not ${processes.length}`)
  return { resources, hosts, services, processes, balances, weights, start }
}

const readNumbers = (file: string): readonly number[] => readFileSync(file, 'utf8').trim().split(/\s+/u).map(Number)

/** A solution as that challenge wants it: the host of each process, between spaces. */
export const solutionText = (hosts: readonly number[]): string => `${hosts.join(' ')}\n`

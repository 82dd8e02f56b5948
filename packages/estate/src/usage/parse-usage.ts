import { type FieldCause, WeirError } from '@weir/base'
import { finding, firstFew } from '../findings/finding.ts'
import type { Estate } from '../model/estate.ts'
import type { EstateMachine, MachineUsage } from '../model/machine.ts'

/** The first line of a usage file. Values follow, one column for each step. */
const usageHeader = ['machine', 'metric', 'start', 'stepSeconds'] as const

/** The curves of a usage file, by machine as the file calls it (name, id or UUID). */
export type UsageByMachine = ReadonlyMap<string, MachineUsage>

const metrics = ['cpuMhz', 'memoryActiveBytes', 'memoryConsumedBytes', 'memoryNeededBytes'] as const
type Metric = (typeof metrics)[number]

const pointsMax = 100_000

/** True if a CSV file of this first row is a usage file. */
export const isUsageHeader = (row: readonly string[]): boolean =>
  usageHeader.every(
    (name, index) =>
      row[index]
        ?.replace(/^\uFEFF/u, '')
        .trim()
        .toLowerCase() === name.toLowerCase(),
  )

/**
 * Reads curves of usage, documented in docs/reference/estate.md: `machine,metric,start,stepSeconds,values...`, an empty value where
 * nobody measured. All curves of a machine must begin at one time and have one step.
 * @throws ESTATE_INVALID with the lines at fault
 */
export async function parseUsage(batches: AsyncIterable<readonly (readonly string[])[]>, label: string): Promise<UsageByMachine> {
  const usage = new Map<string, MachineUsage>()
  const causes: FieldCause[] = []
  let line = 0
  for await (const batch of batches)
    for (const row of batch) {
      line++
      if (line === 1 ? isUsageHeader(row) : row.every((field) => field.trim() === '')) continue
      const problem = line === 1 ? `must begin with '${usageHeader.join(',')}'` : addCurve(row, usage)
      if (problem !== undefined) causes.push({ field: `line ${line}`, message: problem })
      if (causes.length >= 100) throw invalid(label, causes)
    }
  if (causes.length > 0) throw invalid(label, causes)
  return usage
}

const invalid = (label: string, causes: readonly FieldCause[]): WeirError =>
  new WeirError(
    'ESTATE_INVALID',
    `The usage file '${label}' cannot be read: ${causes[0]?.field ?? ''} ${causes[0]?.message ?? ''}` +
      `${causes.length > 1 ? `. Wrong as well: ${causes.length - 1} more` : ''}. See docs/reference/estate.md for its form.`,
    { causes },
  )

/** A line, taken apart. */
interface Curve {
  readonly machine: string
  readonly metric: Metric
  readonly startTime: string | undefined
  readonly stepSeconds: number
  readonly points: readonly (number | null)[]
}

/** The curve of a line, or what is wrong with it. */
function parseCurve(row: readonly string[]): Curve | string {
  const [machine = '', metricText = '', start = '', step = '', ...values] = row.map((field) => field.trim())
  const metric = metrics.find((each) => each === metricText)
  if (machine === '' || machine.length > 1024) return 'must name a machine'
  if (metric === undefined) return `must have one of the metrics ${metrics.join(', ')}`
  const startMillis = start === '' ? undefined : Date.parse(start)
  if (Number.isNaN(startMillis)) return "must start at a time as '2026-01-31T12:00:00Z', or be empty"
  if (!/^[1-9]\d{0,7}$/u.test(step)) return 'must have a step of 1 to 99999999 seconds'
  if (values.length > pointsMax) return `must have at most ${pointsMax} values`
  const points = values.map((value) => (value === '' ? null : Number(value)))
  if (points.some((point) => point !== null && !(point >= 0 && point <= 1e18)))
    return 'must have values that are numbers of 0 or more, or empty'
  const startTime = startMillis === undefined ? undefined : new Date(startMillis).toISOString().replace('.000Z', 'Z')
  return { machine, metric, startTime, stepSeconds: Number(step), points }
}

/** Adds the curve of a line; the problem if there is one. */
function addCurve(row: readonly string[], usage: Map<string, MachineUsage>): string | undefined {
  const parsed = parseCurve(row)
  if (typeof parsed === 'string') return parsed
  const { machine, metric, startTime, stepSeconds, points } = parsed
  const known = usage.get(machine)
  if (known !== undefined && (known.stepSeconds !== stepSeconds || known.startTime !== startTime))
    return `must have the start and step of the other curves of '${machine}'`
  if (known?.[metric] !== undefined) return `must not give ${metric} of '${machine}' twice`
  usage.set(machine, { ...(startTime !== undefined && { startTime }), stepSeconds, ...known, ...curve(metric, points) })
  return undefined
}

const curve = (metric: Metric, points: readonly (number | null)[]): Pick<MachineUsage, Metric> => ({ [metric]: points })

/** The estate with curves at its machines, found by id, UUID or a name that only one machine has. Those left over are told. */
export function withUsage(estate: Estate, usage: UsageByMachine, label: string): Estate {
  const byKey = new Map<string, EstateMachine | null>()
  for (const machine of estate.machines)
    for (const key of [machine.id, machine.biosUuid, machine.instanceUuid, machine.name]) {
      const known = key === undefined ? undefined : byKey.get(key)
      if (key !== undefined) byKey.set(key, known === undefined || known === machine ? machine : null)
    }
  const found = new Map<string, MachineUsage>()
  const lost: string[] = []
  for (const [key, each] of usage) {
    const machine = byKey.get(key) ?? byKey.get(key.toLowerCase())
    if (machine === undefined || machine === null) lost.push(key)
    else found.set(machine.id, each)
  }
  const left = finding(
    'usage.lost',
    { kind: 'Contradictory', object: 'machine/*', field: 'usage' },
    { count: lost.length, location: label, machines: firstFew(lost) },
  )
  return {
    ...estate,
    machines: estate.machines.map((machine) => {
      const own = found.get(machine.id)
      return own === undefined ? machine : { ...machine, usage: own }
    }),
    findings: lost.length === 0 ? estate.findings : [...estate.findings, left],
  }
}

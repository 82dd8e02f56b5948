import type { Wave, WavePlan, WaveProblem, WaveWorkload } from '../waves/wave-documents.ts'
import { amountOf } from './problem-index.ts'
import type { Violation } from './violation.ts'

/** Everything that is wrong with waves; empty for valid ones. Shares nothing with the planner but the types of the documents. */
export function checkWaves(problem: WaveProblem, plan: WavePlan): Violation[] {
  return [
    ...checkMembers(problem, plan),
    ...checkDependencies(problem, plan),
    ...plan.waves.flatMap((wave, index) => checkWave(problem, wave, index)),
    ...checkTargetRoom(problem, plan),
    ...checkSums(problem, plan),
  ]
}

const found = (subject: string, message: string): Violation => ({ kind: 'Wave', subject, message })

/** Every app is in one wave with all its workloads, or among the unplanned. */
function checkMembers(problem: WaveProblem, plan: WavePlan): Violation[] {
  const planned = plan.waves.flatMap(({ apps }) => apps)
  const places = [...planned, ...plan.unplanned.map(({ app }) => app)]
  const apps = new Set(problem.workloads.map(({ app }) => app))
  const counted = [...apps].filter((app) => places.filter((place) => place === app).length !== 1)
  const unknown = places.filter((app) => !apps.has(app))
  const wrong = plan.waves.filter(({ apps: inWave, workloads }) => {
    const expected = problem.workloads.filter(({ app }) => inWave.includes(app)).map(({ name }) => name)
    return expected.toSorted().join('\n') !== workloads.toSorted().join('\n')
  })
  return [
    ...counted.map((app) => found(app, `${app} is not in exactly one wave or among the unplanned.`)),
    ...unknown.map((app) => found(app, `There is no app ${app}.`)),
    ...wrong.map(({ name }) => found(name, `The workloads of ${name} are not those of its apps.`)),
  ]
}

function checkDependencies(problem: WaveProblem, plan: WavePlan): Violation[] {
  const waveOf = new Map(plan.waves.flatMap(({ apps }, index) => apps.map((app) => [app, index] as const)))
  const apps = new Set(problem.workloads.map(({ app }) => app))
  return problem.dependencies.flatMap(({ from, to, type }) => {
    if (!apps.has(from) || !apps.has(to)) return []
    const [source, target] = [waveOf.get(from), waveOf.get(to)]
    if (type === 'Together' && source !== target) return [found(from, `${from} and ${to} must be in one wave.`)]
    const isLate = source !== undefined && (target === undefined || target > source)
    return type === 'Before' && isLate ? [found(from, `${from} is migrated before ${to}, which it needs.`)] : []
  })
}

/** Window, freezes, copies, staff, pilots and heavy writers of one wave. */
function checkWave(problem: WaveProblem, wave: Wave, index: number): Violation[] {
  const { limits, policy = {}, freezes = [] } = problem
  const span = problem.windows[wave.window]
  if (span === undefined) return [found(wave.name, `${wave.name} has no window.`)]
  const workloads = workloadsOf(problem, wave)
  const mebibytes = workloads.reduce((sum, { diskMebibytes }) => sum + diskMebibytes, 0)
  const room = (span.endSeconds - span.startSeconds) * limits.transferMebibytesPerSecond
  const isPilot = index < (policy.pilotWaves ?? 0)
  const most = Math.min(limits.cutOvers, isPilot ? (policy.pilotWorkloads ?? 10) : limits.cutOvers)
  const heavy = policy.heavyWriteMebibytesPerSecond ?? Number.POSITIVE_INFINITY
  const heavyApps = new Set(
    workloads.filter(({ writeMebibytesPerSecond = 0 }) => writeMebibytesPerSecond >= heavy).map(({ app }) => app),
  )
  const violations: Violation[] = []
  if (freezes.some((freeze) => freeze.startSeconds < span.endSeconds && freeze.endSeconds > span.startSeconds)) {
    violations.push(found(wave.name, `The window of ${wave.name} touches a freeze.`))
  }
  if (mebibytes > room) violations.push(found(wave.name, `${wave.name} has ${mebibytes} MiB to copy; its window takes ${room}.`))
  if (mebibytes !== wave.mebibytes) violations.push(found(wave.name, `${wave.name} has ${mebibytes} MiB, not ${wave.mebibytes}.`))
  if (workloads.length > most)
    violations.push(found(wave.name, `${wave.name} has ${workloads.length} cut-overs; ${most} are allowed.`))
  const group = connected(problem, [...heavyApps].slice(0, 1))
  if (heavyApps.size > 0 && wave.apps.some((app) => !group.has(app))) {
    violations.push(found(wave.name, `${wave.name} has a heavy writer beside apps of other groups.`))
  }
  return violations
}

/** All apps that must be in one wave with the given ones: joined by `Together`, or each needed by the other along `Before`. */
function connected({ dependencies }: WaveProblem, start: readonly string[]): ReadonlySet<string> {
  const reach = (from: readonly string[], isForward: boolean): Set<string> => {
    const seen = new Set(from)
    for (const app of seen) {
      for (const edge of dependencies) {
        if (edge.type === 'Near') continue
        if (edge.from === app && (isForward || edge.type === 'Together')) seen.add(edge.to)
        if (edge.to === app && (!isForward || edge.type === 'Together')) seen.add(edge.from)
      }
    }
    return seen
  }
  return reach(start, true).intersection(reach(start, false))
}

function workloadsOf(problem: WaveProblem, { apps }: Wave): readonly WaveWorkload[] {
  const inWave = new Set(apps)
  return problem.workloads.filter(({ app }) => inWave.has(app))
}

/** After each wave everything migrated fits the hosts that are there by then, without the largest ones that may fail. */
function checkTargetRoom(problem: WaveProblem, plan: WavePlan): Violation[] {
  const { target } = problem
  const resources = new Set(target.hosts.flatMap(({ usable }) => Object.keys(usable)))
  const order = new Map(plan.waves.map((wave) => [wave.name, waveNumber(problem, wave.window)]))
  return plan.waves.flatMap((wave, index) => {
    const now = order.get(wave.name) ?? 0
    const joined = (target.reusedHosts ?? []).filter(({ name }) => {
      if (problem.workloads.every(({ sourceHost }) => sourceHost !== name)) return true
      const freed = plan.waves.find(({ freedHosts }) => freedHosts.includes(name))
      const isFree = freed !== undefined && leftOn(problem, plan.waves.slice(0, plan.waves.indexOf(freed) + 1), name) === 0
      return isFree && (order.get(freed.name) ?? 0) + (target.reuseAfterWaves ?? 1) <= now
    })
    const migrated = plan.waves.slice(0, index + 1).flatMap((earlier) => workloadsOf(problem, earlier))
    return [...resources].flatMap((resource) => {
      const need = migrated.reduce((sum, { requests }) => sum + amountOf(requests, resource), 0)
      const sizes = [...target.hosts, ...joined].map(({ usable }) => amountOf(usable, resource)).toSorted((a, b) => b - a)
      const room = sizes.slice(target.failoverHosts ?? 0).reduce((sum, size) => sum + size, 0)
      if (need <= room) return []
      return [found(wave.name, `After ${wave.name} ${need} of ${resource} are needed; ${room} are there if hosts fail.`)]
    })
  })
}

/** Which of the windows that touch no freeze a window is: waves that are waited for are counted in these. */
function waveNumber({ windows, freezes = [] }: WaveProblem, window: number): number {
  return windows
    .slice(0, window)
    .filter((span) => freezes.every((freeze) => freeze.endSeconds <= span.startSeconds || freeze.startSeconds >= span.endSeconds))
    .length
}

function leftOn(problem: WaveProblem, waves: readonly Wave[], host: string): number {
  const gone = new Set(waves.flatMap(({ apps }) => apps))
  return problem.workloads.filter(({ sourceHost, app }) => sourceHost === host && !gone.has(app)).length
}

/** Windows in order, the weight that crosses, and a bound that is not above the number of waves. */
function checkSums(problem: WaveProblem, plan: WavePlan): Violation[] {
  const waveOf = new Map(plan.waves.flatMap(({ apps, name }) => apps.map((app) => [app, name] as const)))
  const weight = problem.dependencies.reduce(
    (sum, edge) => (waveOf.get(edge.from) === waveOf.get(edge.to) ? sum : sum + (edge.weight ?? 0)),
    0,
  )
  const violations: Violation[] = plan.waves.flatMap(({ name, window }, index) => {
    const before = plan.waves[index - 1]
    return before !== undefined && before.window >= window ? [found(name, `${name} is not after ${before.name}.`)] : []
  })
  if (Math.abs(weight - plan.crossWaveWeight) > 1e-6 * Math.max(1, weight)) {
    violations.push({
      kind: 'Score',
      subject: 'crossWaveWeight',
      message: `${weight} crosses waves, not ${plan.crossWaveWeight}.`,
    })
  }
  if (plan.unplanned.length === 0 && plan.boundWaves > plan.waves.length) {
    violations.push({
      kind: 'Bound',
      subject: 'boundWaves',
      message: `The bound ${plan.boundWaves} is above ${plan.waves.length} waves.`,
    })
  }
  return violations
}

import loadHighs, { type Highs } from 'highs'
import type { CoverProgram, CoverSolver } from '@weir/planner'

/** The solver, by itself. */
export function createHighs(): Promise<Highs> {
  // The package's types describe its CommonJS build, where the loader is one level deeper.
  return (loadHighs as unknown as () => Promise<Highs>)()
}

/** A cover solver by HiGHS (WebAssembly): the optimum of the integer programme, or of its relaxation if that is all it proves in ten seconds. */
export async function createHighsCover(): Promise<CoverSolver> {
  const highs = await createHighs()
  return (program) => {
    const solution = highs.solve(toLp(program), { time_limit: 10, mip_rel_gap: 0 })
    return solution.Status === 'Optimal' ? solution.ObjectiveValue : undefined
  }
}

function toLp({ cost, limit, rows }: CoverProgram): string {
  const sum = (coefficients: readonly number[]) => coefficients.map((value, index) => `${value} x${index}`).join(' + ')
  return [
    `Minimize obj: ${sum(cost)}`,
    'Subject To',
    ...rows.map(({ coefficients, atLeast }, index) => `r${index}: ${sum(coefficients)} >= ${atLeast}`),
    'Bounds',
    ...limit.map((most, index) => `0 <= x${index} <= ${most}`),
    'General',
    limit.map((_, index) => `x${index}`).join(' '),
    'End',
  ].join('\n')
}

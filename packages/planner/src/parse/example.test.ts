import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { plan } from '../plan-problem.ts'
import { parseProblem } from './parse-problem.ts'

it('plans the example of docs/reference/placement.md', () => {
  const page = readFileSync(new URL('../../../../docs/reference/placement.md', import.meta.url), 'utf8')
  const problem = parseProblem(JSON.parse(/```json\n([\s\S]+?)```/u.exec(page)?.[1] ?? ''))
  const result = plan(problem)
  expect(result.unplaced).toEqual([])
  expect(result.assignments['db-1']).not.toBe(result.assignments['db-2'])
  expect(result.score).toMatchObject({ hostCount: 2, price: 18_000 })
})

import { type ErrorCode, WeirError } from '@weir/base'
import { expect, it } from 'vitest'
import { bulkExitCode, exitCodeOf, failureText } from './failure.ts'

it.each<[ErrorCode, string, number]>([
  ['API_INVALID', 'spec.running: Invalid value', 1],
  ['CLI_USAGE', 'only one can be watched', 2],
  ['CLI_CANCELLED', 'interrupted', 2],
  ['API_UNAUTHORIZED', 'Unauthorized', 4],
  ['API_FORBIDDEN', 'virtualmachines is forbidden: User "bob" cannot create resource "virtualmachines"', 4],
  ['CLI_TIMED_OUT', "'web' is being deleted for 60 s", 5],
  ['API_FORBIDDEN', 'virtualmachines "web" is forbidden: exceeded quota: small, requested: cpu=4', 6],
  ['API_FORBIDDEN', 'admission webhook "policy" denied the request: no', 6],
])('%s: %s', (code, message, exitCode) => {
  expect(exitCodeOf(new WeirError(code, message))).toBe(exitCode)
})

it('what is no error of ours has failed', () => {
  expect(exitCodeOf(new TypeError('x'))).toBe(1)
})

it('several failures of all targets end as the one kind that they are, those of some with 3', () => {
  const late = new WeirError('CLI_TIMED_OUT', 'late')
  expect([bulkExitCode([], 2), bulkExitCode([late], 2), bulkExitCode([late, late], 2)]).toEqual([0, 3, 5])
})

it('names every wrong field of a document, on a line each', () => {
  const causes = Array.from({ length: 12 }, (_, index) => ({ field: `workloads[${index}]`, message: 'must be an object' }))
  const lines = failureText(new WeirError('PLAN_PROBLEM_INVALID', 'It cannot be planned.', { causes }))
    .trimEnd()
    .split('\n')
  expect(lines).toHaveLength(11)
  expect([lines[0], lines[1], lines[9], lines[10]]).toEqual([
    'error: It cannot be planned.',
    'also: `workloads[1]` must be an object',
    'also: `workloads[9]` must be an object',
    'also: 2 more',
  ])
})

it("says nothing twice that an API server's message holds already", () => {
  const causes = [1, 2].map((index) => ({ field: `spec.${index}`, message: 'Invalid value' }))
  expect(failureText(new WeirError('API_INVALID', 'spec.1: Invalid value, spec.2: Invalid value', { causes }))).toBe(
    'error: spec.1: Invalid value, spec.2: Invalid value\n',
  )
})

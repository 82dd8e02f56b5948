import { WeirError } from '@weir/base'
import { expect, it } from 'vitest'
import { statusOf } from './status.ts'

it.each([
  [new WeirError('API_UNAUTHORIZED', 'x'), 401, 'Unauthorized'],
  [new WeirError('API_FORBIDDEN', 'x'), 403, 'Forbidden'],
  [new WeirError('STORE_EXPIRED', 'x'), 410, 'Expired'],
  [new WeirError('API_BAD_REQUEST', 'x'), 400, 'BadRequest'],
  [new WeirError('API_INVALID', 'x', { causes: [{ field: 'spec.a', message: 'm' }] }), 422, 'Invalid'],
  [new Error('password=1'), 500, 'InternalError'],
])('answers %s', (error, code, reason) => {
  expect(statusOf(error)).toMatchObject({ code, reason, status: 'Failure' })
  expect(JSON.stringify(statusOf(error))).not.toContain('password')
})

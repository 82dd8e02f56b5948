import type { RawRoute } from '@weir/api'
import type { Logger } from '@weir/base'
import { Failure, statusOf } from './failure.ts'
import type { ApiRequest, ApiResponse } from './request.ts'
import { json, plain } from './responses.ts'

/** The answer of the route that has the path of `request`; undefined if none has. */
export async function callRawRoute(routes: readonly RawRoute[], request: ApiRequest): Promise<ApiResponse | undefined> {
  const route = routes.find(({ path }) => path === request.path)
  if (route === undefined) return undefined
  const { code, body } = await route.handle({ ...request, query: new Map(request.query) })
  return plain(code, body)
}

/** The Status of whatever went wrong. What nobody expected is logged, and not told. */
export function answerFailure(error: unknown, { method, path }: ApiRequest, logger: Logger): ApiResponse {
  const status = statusOf(error)
  if (status !== undefined) return json(status.code, status)
  logger.error('A request failed inside', error, { method, path })
  return json(500, new Failure(500, 'InternalError', 'the server ran into an error of its own; its log says more').status)
}

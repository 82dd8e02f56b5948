import { badRequest } from './failure.ts'

/** A boolean of a query as Kubernetes reads it: absent, `false` and `0` are false, all else is true. */
export const flagOf = (query: URLSearchParams, name: string): boolean => {
  const text = query.get(name)
  return text !== null && text !== 'false' && text !== '0'
}

/** A count of a query, undefined if it is absent or empty. @throws 400 if it is no number of at most nine digits. */
export function countOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? ''
  if (text === '') return undefined
  if (!/^\d{1,9}$/u.test(text))
    throw badRequest(`Invalid value: "${text.slice(0, 64)}": ${name} must be a number that is not negative`)
  return Number(text)
}

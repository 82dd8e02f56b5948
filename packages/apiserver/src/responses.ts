import type { ApiRequest, ApiResponse } from './request.ts'

/** A JSON value as an answer. */
export const json = (code: number, body: unknown): ApiResponse => ({
  code,
  headers: { 'content-type': 'application/json' },
  body: `${JSON.stringify(body)}\n`,
})

/** A text as an answer. */
export const plain = (code: number, body: ApiResponse['body']): ApiResponse => ({
  code,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
})

/** A document whose `etag` changes with it. */
export interface TaggedDocument {
  readonly contentType: string
  readonly etag: string
  readonly text: string
}

/** A document with its ETag; 304 if the client has it. */
export function cached({ headers }: Pick<ApiRequest, 'headers'>, { contentType, etag, text }: TaggedDocument): ApiResponse {
  const own = { 'content-type': contentType, etag, vary: 'Accept' }
  return headers['if-none-match'] === etag ? { code: 304, headers: own, body: '' } : { code: 200, headers: own, body: text }
}

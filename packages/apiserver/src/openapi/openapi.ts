import { createHash } from 'node:crypto'
import type { KindDefinition } from '@weir/api'
import { rootOf } from './document-root.ts'
import { documentOf } from './document.ts'

/** The kinds served now. `generation` changes whenever `kinds` would answer differently. */
export interface OpenApiSource {
  readonly generation: () => number
  readonly kinds: () => readonly KindDefinition[]
}

/** A JSON text and its ETag; the text is the same as long as the ETag is. */
interface OpenApiAnswer {
  readonly body: string
  readonly etag: string
}

/** What `/openapi/v3` serves. Documents are made when first asked for, and kept until the kinds change. */
export interface OpenApi {
  /** The body of `/openapi/v3`: every group and version with the hash of its document. */
  index(): OpenApiAnswer
  /** The document of `root` (`api/v1`, `apis/kubevirt.io/v1`), undefined if nothing is served there. */
  document(root: string): OpenApiAnswer | undefined
}

export function createOpenApi(source: OpenApiSource): OpenApi {
  let generation = Number.NaN
  let roots: ReadonlyMap<string, readonly KindDefinition[]> = new Map()
  let made = new Map<string, OpenApiAnswer>()
  const refresh = (): void => {
    const current = source.generation()
    if (current === generation) return
    const before = roots
    const keptAnswers = made
    roots = byRoot(source.kinds())
    // A group whose kinds are the same objects keeps its document.
    made = new Map([...keptAnswers].filter(([root]) => isSame(before.get(root), roots.get(root))))
    generation = current
  }
  const answerAt = (root: string): OpenApiAnswer | undefined => {
    const known = made.get(root)
    const kinds = roots.get(root)
    if (known !== undefined || kinds === undefined) return known
    const answer = toAnswer(documentOf(kinds))
    made.set(root, answer)
    return answer
  }
  return {
    index: () => {
      refresh()
      const paths = [...roots.keys()].map((root) => [
        root,
        { serverRelativeURL: `/openapi/v3/${root}?hash=${answerAt(root)?.etag ?? ''}` },
      ])
      return toAnswer({ paths: Object.fromEntries(paths) as unknown })
    },
    document: (root) => {
      refresh()
      return answerAt(root)
    },
  }
}

function byRoot(kinds: readonly KindDefinition[]): ReadonlyMap<string, readonly KindDefinition[]> {
  const sorted = kinds.toSorted((a, b) => compare(rootOf(a), rootOf(b)) || compare(a.kind, b.kind))
  return Map.groupBy(sorted, rootOf)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const isSame = (a: readonly unknown[] | undefined, b: readonly unknown[] | undefined): boolean =>
  a !== undefined && b !== undefined && a.length === b.length && a.every((item, index) => item === b[index])

function toAnswer(value: unknown): OpenApiAnswer {
  const body = JSON.stringify(value)
  return { body, etag: createHash('sha256').update(body).digest('hex').slice(0, 32).toUpperCase() }
}

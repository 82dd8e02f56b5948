/** What a path means. `group` is '' for the core group, `namespace` absent for all namespaces and cluster-scoped kinds. */
export interface ResourcePath {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: string | undefined
  readonly tail: string
}

/** Reads `/api/v1/…` and `/apis/g/v/…`; undefined for anything else, for empty and for undecodable parts. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const parts = partsOf(path)
  if (parts === undefined) return undefined
  const [root, first = '', second = ''] = parts
  // An empty part never gets here: what is missing is '', what is there is not.
  if (root === 'api') return first === '' ? undefined : resourceAt(parts, 2, { group: '', version: first })
  if (root === 'apis') return second === '' ? undefined : resourceAt(parts, 3, { group: first, version: second })
  return undefined
}

function resourceAt(
  parts: readonly string[],
  start: number,
  { group, version }: { readonly group: string; readonly version: string },
): ResourcePath | undefined {
  if (parts.length <= start) return undefined
  // `/namespaces/x` and its status and finalize are the Namespace; what is longer lies in it.
  const third = parts[start + 2]
  const isOfNamespace = group === '' && (third === 'status' || third === 'finalize')
  const isInside = parts[start] === 'namespaces' && third !== undefined && !isOfNamespace
  const at = isInside ? start + 2 : start
  return {
    group,
    version,
    namespace: isInside ? parts[start + 1] : undefined,
    resource: parts[at] ?? '',
    name: parts[at + 1],
    subresource: parts[at + 2],
    tail: parts.slice(at + 3).join('/'),
  }
}

/** The decoded parts between the slashes; undefined if one is empty, misleading or not decodable. */
function partsOf(path: string): readonly string[] | undefined {
  const parts = path.slice(1).split('/')
  const decoded = path.includes('%') ? decode(parts) : parts
  return decoded?.some(isMisleading) === true ? undefined : decoded
}

const isMisleading = (part: string, index: number): boolean =>
  part === '' || part === '..' || (part === '.' && index > 0) || part.includes('/')

function decode(parts: readonly string[]): readonly string[] | undefined {
  try {
    return parts.map(decodeURIComponent)
  } catch {
    return undefined
  }
}

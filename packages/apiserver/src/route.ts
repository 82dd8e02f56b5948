/** What a path means. `group` is '' for the core group, `namespace` absent for all namespaces and cluster-scoped kinds. */
export interface ResourcePath {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
  readonly tail: string
}

/** Reads `/api/v1/…` and `/apis/g/v/…`; undefined for anything else, for empty and for undecodable parts. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const parts = decode(path.slice(1).split('/'))
  if (parts === undefined) return undefined
  const core = parts[0] === 'api'
  if (!core && parts[0] !== 'apis') return undefined
  const [group = '', version = '', ...rest] = core ? ['', ...parts.slice(1)] : parts.slice(1)
  if (version === '' || rest.length === 0 || (!core && group === '')) return undefined
  return resourceOf({ group, version }, rest)
}

function resourceOf(at: { readonly group: string; readonly version: string }, rest: readonly string[]): ResourcePath {
  // `/namespaces/x` and its status and finalize are the Namespace; what is longer lies in it.
  const inNamespace =
    rest[0] === 'namespaces' && rest.length > 2 && !(at.group === '' && ['status', 'finalize'].includes(rest[2] ?? ''))
  const [resource = '', name, subresource, ...tail] = inNamespace ? rest.slice(2) : rest
  return {
    ...at,
    resource,
    ...(inNamespace ? { namespace: rest[1] ?? '' } : {}),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
    tail: tail.join('/'),
  }
}

function decode(parts: readonly string[]): readonly string[] | undefined {
  try {
    const decoded = parts.map((part) => decodeURIComponent(part))
    return decoded.some((part, index) => part === '' || part.includes('/') || part === '..' || (part === '.' && index > 0))
      ? undefined
      : decoded
  } catch {
    return undefined
  }
}

/**
 * Negative if `a` is older than `b`, 0 if equal, else positive. Both are resourceVersions of one kind on one server: decimal
 * integers of any length, which clients may compare since Kubernetes 1.35.
 */
export function compareResourceVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  if (a === b) return 0
  return a < b ? -1 : 1
}

const pattern = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/u
const stages: readonly (string | undefined)[] = ['alpha', 'beta', undefined]

/**
 * Orders versions as Kubernetes prefers them: `v10`, `v2`, `v1`, `v2beta1`, `v1alpha3`, then names of other forms by the
 * alphabet. Negative if `a` is preferred.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rankOf(a), rankOf(b)]
  const at = left.findIndex((number, index) => number !== right[index])
  if (at >= 0) return (right[at] ?? 0) - (left[at] ?? 0)
  return a < b ? -1 : a > b ? 1 : 0
}

/** Stage, major and minor number; all the least for other forms. */
function rankOf(version: string): readonly number[] {
  const match = pattern.exec(version)
  return match === null ? [-1, 0, 0] : [stages.indexOf(match[2]), Number(match[1]), Number(match[3] ?? 0)]
}

import { apiVersionOf, type KindDefinition } from '@weir/api'

/** Where a group and version is served, without the leading slash: `api/v1`, `apis/kubevirt.io/v1`. */
export const rootOf = (kind: Pick<KindDefinition, 'group' | 'version'>): string =>
  `${kind.group === '' ? 'api' : 'apis'}/${apiVersionOf(kind)}`

import type { KindDefinition } from '@weir/api'
import { schemasOf } from './components.ts'
import { pathsOf } from './paths.ts'

/** The OpenAPI 3.0 document of one group and version: kubectl's source for explain, validation and the patch type. */
export const documentOf = (kinds: readonly KindDefinition[]) => ({
  openapi: '3.0.0',
  info: { title: 'Weir', version: 'unversioned' },
  paths: Object.assign({}, ...kinds.map(pathsOf)) as Readonly<Record<string, unknown>>,
  components: { schemas: schemasOf(kinds) },
})

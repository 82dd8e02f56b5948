import type { Condition, KindDefinition } from '@weir/api'
import { type Cause, invalid, notSupported, required } from '../schema/cause.ts'
import { compileSchema } from '../schema/compile.ts'
import { nameErrors } from '../schema/names.ts'
import { completeNames, type CrdStatus, type CrdVersion, type CustomResourceDefinition, isEstablished } from './crd.ts'
import { structuralCauses } from './structural.ts'

/**
 * What is wrong with a CustomResourceDefinition whose types the schema of its own kind has checked; [] if nothing. `old` is
 * what it replaces.
 */
export function crdCauses(crd: CustomResourceDefinition, old?: CustomResourceDefinition): readonly Cause[] {
  const { spec, metadata } = crd
  const { names, versions, conversion } = spec
  const wanted = `${names.plural}.${spec.group}`
  const stored = versions.filter(({ storage }) => storage).length
  return [
    ...(metadata.name === wanted ? [] : [invalid('metadata.name', metadata.name, `must be spec.names.plural+"."+spec.group`)]),
    ...nameErrors(spec.group, 'subdomain').map((text) => invalid('spec.group', spec.group, text)),
    ...(spec.group.includes('.') ? [] : [invalid('spec.group', spec.group, 'should be a domain with at least one dot')]),
    ...nameErrors(names.plural, 'label').map((text) => invalid('spec.names.plural', names.plural, text)),
    ...nameErrors(names.kind.toLowerCase(), 'label').map((text) => invalid('spec.names.kind', names.kind, text)),
    ...(stored === 1
      ? []
      : [
          invalid(
            'spec.versions',
            versions.map(({ name }) => name),
            'must have exactly one version marked as storage version',
          ),
        ]),
    ...(conversion === undefined || conversion.strategy === 'None'
      ? []
      : [notSupported('spec.conversion.strategy', conversion.strategy, ['None'])]),
    ...(spec.preserveUnknownFields === true
      ? [invalid('spec.preserveUnknownFields', true, 'must be false: use x-kubernetes-preserve-unknown-fields in the schema')]
      : []),
    ...versions.flatMap((version, index) => versionCauses(version, `spec.versions[${index}]`)),
    ...(old === undefined ? [] : changeCauses(crd, old)),
  ]
}

/** Objects lie where scope and plural say, in versions that were stored: neither may change under them. */
function changeCauses({ spec }: CustomResourceDefinition, old: CustomResourceDefinition): readonly Cause[] {
  const stored = old.status?.storedVersions ?? []
  const missing = stored.filter((name) => !spec.versions.some((version) => version.name === name))
  const lost = missing.map((name) =>
    invalid(`status.storedVersions[${stored.indexOf(name)}]`, name, 'missing from spec.versions; objects may be stored in it'),
  )
  if (!isEstablished(old)) return lost
  const fixed: readonly (readonly [field: string, next: unknown, before: unknown])[] = [
    ['spec.scope', spec.scope, old.spec.scope],
    ['spec.names.kind', spec.names.kind, old.spec.names.kind],
  ]
  return [
    ...lost,
    ...fixed.flatMap(([field, next, before]) => (next === before ? [] : [invalid(field, next, 'field is immutable')])),
  ]
}

function versionCauses({ name, schema }: CrdVersion, field: string): readonly Cause[] {
  const root = schema?.openAPIV3Schema
  const at = `${field}.schema.openAPIV3Schema`
  const causes = nameErrors(name, 'label').map((text) => invalid(`${field}.name`, name, text))
  if (root === undefined) return [...causes, required(at, 'schemas are required')]
  const structural = structuralCauses(root, at)
  return [...causes, ...structural, ...(structural.length > 0 ? [] : defaultCauses(root, at))]
}

/** Defaults must be valid and known, or every object that takes them would be refused or change at each write. */
function defaultCauses(schema: NonNullable<NonNullable<CrdVersion['schema']>['openAPIV3Schema']>, at: string): readonly Cause[] {
  const own =
    schema.default === undefined
      ? []
      : compileSchema({ type: 'object', properties: { default: schema } })
          .validate({ default: schema.default })
          .map((cause) => ({ ...cause, field: `${at}.${cause.field}` }))
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, part]) =>
    defaultCauses(part, `${at}.properties[${name}]`),
  )
  return [...own, ...below, ...(schema.items === undefined ? [] : defaultCauses(schema.items, `${at}.items`))]
}

type Setting = Pick<Condition, 'status' | 'reason' | 'message'>

/**
 * The status of a definition beside `others`, the kinds of other definitions and built-in kinds; `now` is RFC 3339.
 * Established means served. Names once accepted stay so; the same status object if nothing changed.
 */
export function crdStatus(crd: CustomResourceDefinition, others: readonly KindDefinition[], now: string): CrdStatus {
  const taken = takenName(crd, others)
  const accepted = isEstablished(crd)
  const names: Setting =
    taken === undefined
      ? { status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
      : { status: 'False', reason: 'NameConflict', message: `"${taken}" is already in use` }
  const established: Setting =
    taken === undefined || accepted
      ? { status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }
      : { status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
  const storage = crd.spec.versions.filter((version) => version.storage).map(({ name }) => name)
  return {
    acceptedNames: taken === undefined ? completeNames(crd.spec.names) : (crd.status?.acceptedNames ?? { kind: '', plural: '' }),
    conditions: setCondition(
      setCondition(crd.status?.conditions ?? [], { type: 'NamesAccepted', ...names }, now),
      { type: 'Established', ...established },
      now,
    ),
    storedVersions: [...new Set([...(crd.status?.storedVersions ?? []), ...storage])],
  }
}

function takenName({ spec }: CustomResourceDefinition, others: readonly KindDefinition[]): string | undefined {
  const rivals = others.filter(({ group, plural }) => group === spec.group && plural !== spec.names.plural)
  const resources = new Set(rivals.flatMap(({ plural, singular, shortNames = [] }) => [plural, singular, ...shortNames]))
  const kinds = new Set(rivals.flatMap(({ kind }) => [kind, `${kind}List`]))
  const { plural, singular = '', shortNames = [], kind, listKind = '' } = completeNames(spec.names)
  return [plural, singular, ...shortNames].find((name) => resources.has(name)) ?? [kind, listKind].find((name) => kinds.has(name))
}

function setCondition(conditions: readonly Condition[], wanted: Condition, now: string): readonly Condition[] {
  const old = conditions.find(({ type }) => type === wanted.type)
  const lastTransitionTime = old?.status === wanted.status ? (old.lastTransitionTime ?? now) : now
  const next = { ...wanted, lastTransitionTime }
  return old === undefined ? [...conditions, next] : conditions.map((condition) => (condition === old ? next : condition))
}

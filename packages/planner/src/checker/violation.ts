/** What can be wrong with a plan or with moves; docs/reference/placement-checker.md says for each when it is found. */
export const violationKinds = [
  'Assignment',
  'HostList',
  'HostCount',
  'HostState',
  'HostSelector',
  'Immovable',
  'Capacity',
  'Numa',
  'Devices',
  'Rule',
  'Conflict',
  'Certificate',
  'Score',
  'Bound',
  'Move',
  'Limit',
  'Cooldown',
  'Makespan',
  'Wave',
] as const

/** One of `violationKinds`. */
export type ViolationKind = (typeof violationKinds)[number]

/** One thing that is wrong: `subject` is the workload, host, rule or field, `message` a sentence with the numbers. */
export interface Violation {
  readonly kind: ViolationKind
  readonly subject: string
  readonly message: string
}

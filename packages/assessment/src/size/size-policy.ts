/** How sizes are derived from usage. */
export interface SizePolicy {
  /** The percentile of CPU demand that must fit: 0.95 for batch work, 0.99 where people wait. */
  readonly cpuPercentile: number
  /** Room above what was measured. */
  readonly cpuHeadroom: number
  readonly memoryHeadroom: number
  /** A size never shrinks by more than this share in one step. */
  readonly largestCut: number
  /** Applications whose memory is theirs by configuration, whatever the guest shows: databases, JVMs with a fixed heap. */
  readonly fixedMemory: RegExp
}

/** Percentile 99, a fifth more CPU, a quarter more memory, at most half at a time. */
export const defaultSizePolicy: SizePolicy = {
  cpuPercentile: 0.99,
  cpuHeadroom: 1.2,
  memoryHeadroom: 1.25,
  largestCut: 0.5,
  fixedMemory:
    /oracle|sql|postgres|mysql|maria|mongo|redis|cassandra|elastic|kafka|hana|db2|exchange|tomcat|jboss|weblogic|websphere|java|\bdb\b|[-_]db\d*$/iu,
}

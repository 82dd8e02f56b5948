import type { HostShape } from '../hosts/host-types.ts'
import { defaultSizePolicy, type SizePolicy } from '../size/size-policy.ts'

/** A host that could be bought. */
export interface TargetHost extends HostShape {
  readonly name: string
  /** For comparing; all alike if absent. */
  readonly price?: number
}

/** What the assessment assumes. Everything in it is shown in the report. */
export interface AssessmentPolicy {
  /** vCPUs for each core: as each cluster runs today, or a number. */
  readonly cpuRatio: 'Measured' | number
  /** How full today's practice lets configured memory get. */
  readonly vmwareMemoryLimitPercent: number
  /** How full the summed CPU curve of a host may get. */
  readonly cpuLimitPercent: number
  /** Hosts that may fail with every machine still having a place. */
  readonly failoverHosts: number
  /** Share of each host kept for the system. */
  readonly reserveShare: number
  readonly size: SizePolicy
  readonly targetHosts: readonly TargetHost[]
  readonly seed: number
  readonly iterations: number
}

/** The practice that the reports start from. */
export const defaultAssessmentPolicy: AssessmentPolicy = {
  cpuRatio: 'Measured',
  vmwareMemoryLimitPercent: 80,
  cpuLimitPercent: 80,
  failoverHosts: 1,
  reserveShare: 0.05,
  size: defaultSizePolicy,
  targetHosts: [],
  seed: 1,
  iterations: 20_000,
}

/**
 * An estate judged: what each machine needs, which may be retired, how many hosts carry it all, and what each step on the way is
 * worth; and a running fabric as a placement problem. Words: evidence (what a figure rests on), right size, retirement, layout (one way
 * to run the estate), waterfall, claim; guest (what a host of the fabric runs). Pure: it reads no file, and the planner that it asks is
 * handed in.
 */
export { type Fabric, fabricProblem } from './fabric/fabric-problem.ts'
export { kubevirtOverheadMebibytes } from './hosts/kubevirt-overhead.ts'
export { type HostModel, hostModels, type HostShape, hostsInUse, shapeOf } from './hosts/host-types.ts'
export {
  type AssessmentDeps,
  type AssessmentReport,
  assessEstate,
  type ConcernCount,
  type InventoryCounts,
  type MachineReport,
  reportVersion,
} from './report/report.ts'
export { type Note, noteText } from './notes/note.ts'
export type { Language } from '@weir/estate'
export { type Retirement, retirementOf } from './retire/retirement.ts'
export { type Confidence, type Evidence, evidenceOf } from './size/evidence.ts'
export { type RightSize, rightSize, type SizeAdvice } from './size/right-size.ts'
export { defaultSizePolicy, type SizePolicy } from './size/size-policy.ts'
export type { Claim } from './waterfall/claim.ts'
export type { LeftOut } from './waterfall/layout.ts'
export { type AssessmentPolicy, defaultAssessmentPolicy, type TargetHost } from './waterfall/policy.ts'
export { type Refusal, type StepId, stepIds } from './waterfall/steps.ts'
export { type AppSource, type WaveAssumptions, waveProblem } from './waves/wave-problem.ts'
export { computeWaterfall, type Planner, type Today, type Waterfall, type WaterfallStep } from './waterfall/waterfall.ts'

import type { KubernetesNode, SchedulingRules, SelectorRequirement, Taint } from '@weir/estate'
import type { Labels } from '@weir/planner'
import { meets, requirementText } from './label-selector.ts'

/** What hosts are labelled with and guests ask for, so that each guest only goes where its node selector, affinity and tolerations let it. */
export interface HostRules {
  /** The labels that a guest's host must have. */
  readonly selectorOf: (rules: SchedulingRules) => Labels
  /** The labels of a host that some guest asks for or a rule counts by; complete once all guests have asked. */
  readonly labelsOf: (node: KubernetesNode) => Labels
  /** Labels of nodes that a rule counts by. */
  readonly countBy: (topologyKey: string) => void
}

/** Taints that say in another way what the state of a host says. */
const isStateTaint = ({ key = '' }: Taint): boolean => key.startsWith('node.kubernetes.io/')

/** The label in the value of which a condition holds. */
const isSo = 'true'

/**
 * The rules of `nodes` for guests. A node selector stays what it is. A node affinity and the lack of a taint become labels of
 * the hosts that meet them, named after what they say.
 */
export function createHostRules(nodes: readonly KubernetesNode[]): HostRules {
  const taints = taintsOf(nodes)
  const keys = new Set<string>()
  /** Conditions by label; undefined for those that every node meets and nobody need be asked for. */
  const conditions = new Map<string, ((node: KubernetesNode) => boolean) | undefined>()
  const ask = (label: string, isMet: (node: KubernetesNode) => boolean): Labels => {
    if (!conditions.has(label)) conditions.set(label, nodes.every(isMet) ? undefined : isMet)
    return conditions.get(label) === undefined ? {} : { [label]: isSo }
  }
  const common = new Map<string, boolean>()
  const isCommon = (key: string, value: string): boolean => {
    const pair = JSON.stringify([key, value])
    const isSame = common.get(pair) ?? nodes.every(({ metadata }) => metadata?.labels?.[key] === value)
    common.set(pair, isSame)
    return isSame
  }
  const affinityLabels = new Map<string, string>()
  const affinityOf = ({ affinity }: SchedulingRules): Labels => {
    const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
    if (terms === undefined) return {}
    // A term without a condition is met by no node.
    const asked = terms.filter(({ matchExpressions = [], matchFields = [] }) => matchExpressions.length + matchFields.length > 0)
    const text = asked
      .map(({ matchExpressions = [], matchFields = [] }) =>
        [...matchExpressions, ...matchFields].map(requirementText).join(' and '),
      )
      .join(' or ')
    const label = affinityLabels.get(text) ?? shortLabel('affinity', text, affinityLabels.size)
    affinityLabels.set(text, label)
    return ask(label, (node) =>
      asked.some(
        ({ matchExpressions = [], matchFields = [] }) =>
          matchExpressions.every((requirement) => meets(node.metadata?.labels ?? {}, requirement)) &&
          matchFields.every((requirement) => meetsField(node, requirement)),
      ),
    )
  }
  return {
    selectorOf: (rules) => {
      const wanted = Object.entries(rules.nodeSelector ?? {}).filter(([key, value]) => !isCommon(key, value))
      for (const [key] of wanted) keys.add(key)
      const untolerated = taints.filter((taint) => !isTolerated(taint, rules))
      const free = untolerated.map((taint) =>
        ask(`without taint ${taintText(taint)}`.slice(0, 253), (node) => !hasTaint(node, taint)),
      )
      return Object.assign(Object.fromEntries(wanted), affinityOf(rules), ...free) as Labels
    },
    labelsOf: (node) => {
      const own = node.metadata?.labels ?? {}
      return Object.fromEntries([
        ...[...keys].flatMap((key): [string, string][] => {
          const value = Object.hasOwn(own, key) ? own[key] : undefined
          return value === undefined ? [] : [[key, value]]
        }),
        ...[...conditions].flatMap(([label, isMet]): [string, string][] => (isMet?.(node) === true ? [[label, isSo]] : [])),
      ])
    },
    countBy: (topologyKey) => void keys.add(topologyKey),
  }
}

const meetsField = ({ metadata }: KubernetesNode, requirement: SelectorRequirement): boolean =>
  meets({ 'metadata.name': metadata?.name ?? '' }, requirement)

const shortLabel = (kind: string, text: string, number: number): string =>
  text.length <= 150 ? `${kind} ${text}` : `${kind} ${number + 1}: ${text.slice(0, 140)}…`

/** Each taint of the nodes that keeps pods off, once. */
function taintsOf(nodes: readonly KubernetesNode[]): readonly Taint[] {
  const found = nodes
    .flatMap(({ spec }) => spec?.taints ?? [])
    .filter((taint) => (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') && !isStateTaint(taint))
  return [...new Map(found.map((taint) => [taintText(taint), taint])).values()]
}

const taintText = ({ key = '', value = '', effect = '' }: Taint): string => `${key}${value === '' ? '' : `=${value}`}:${effect}`
const hasTaint = ({ spec }: KubernetesNode, taint: Taint): boolean =>
  spec?.taints?.some((each) => taintText(each) === taintText(taint)) === true

/** As `v1` Toleration.ToleratesTaint. */
const isTolerated = ({ key, value = '', effect }: Taint, { tolerations = [] }: SchedulingRules): boolean =>
  tolerations.some(
    (toleration) =>
      (toleration.effect === undefined || toleration.effect === '' || toleration.effect === effect) &&
      (toleration.key === undefined || toleration.key === '' ? toleration.operator === 'Exists' : toleration.key === key) &&
      (toleration.operator === 'Exists' || (toleration.value ?? '') === value),
  )

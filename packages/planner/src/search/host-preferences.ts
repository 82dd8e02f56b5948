import type { Instance } from '../compile/instance.ts'
import type { SoftClosedSet, SoftInterference } from '../compile/rule-tables.ts'
import { i32, listAt } from '../compile/typed-array.ts'

/** What preferred rules about single hosts cost: interference, and host sets that should be closed. */
export interface HostPreferences {
  /** Counts an item of `type` in (`sign` 1) or out (-1) on `slot`. O(rules of this kind). */
  readonly change: (slot: number, type: number, sign: 1 | -1) => void
  /** Weight of all that is broken now. */
  readonly penalty: () => number
}

/** Counts one rule by slot: `first` makes the rule apply there, `others` are what it counts. */
interface Counted {
  readonly first: Map<number, number>
  readonly others: Map<number, number>
}

/** Counters for the preferred rules of `instance` about single hosts, with nothing placed; undefined if there are none. */
export function createHostPreferences(instance: Instance): HostPreferences | undefined {
  const { softInterferences, softClosedSets } = instance.rules
  if (softInterferences.length + softClosedSets.length === 0) return undefined
  const amounts = [
    ...softInterferences.map((rule) => interferenceAmounts(instance, rule)),
    ...softClosedSets.map((rule) => closedAmounts(instance, rule)),
  ]
  const counted = amounts.map((): Counted => ({ first: new Map(), others: new Map() }))
  let penalty = 0
  return {
    change: (slot, type, sign) => {
      amounts.forEach((amount, index) => {
        const first = i32(amount.first, type)
        const others = i32(amount.others, type)
        const counts = counted[index]
        if (counts === undefined || (first === 0 && others === 0)) return
        const before = amount.cost(counts, slot)
        addTo(counts.first, slot, sign * first)
        addTo(counts.others, slot, sign * others)
        penalty += amount.weight * (amount.cost(counts, slot) - before)
      })
    },
    penalty: () => penalty,
  }
}

/** What each type adds to the counters of a rule, and how often the rule is broken as far as `slot` decides. */
interface Amounts {
  readonly weight: number
  readonly first: Int32Array
  readonly others: Int32Array
  readonly cost: (counts: Counted, slot: number) => number
}

function interferenceAmounts(instance: Instance, { weight, first, second, max }: SoftInterference): Amounts {
  return {
    weight,
    first: countsOfApp(instance, first),
    others: countsOfApp(instance, second),
    cost: (counts, slot) => (counts.first.has(slot) ? Math.max(0, (counts.others.get(slot) ?? 0) - max) : 0),
  }
}

/** Strangers on hosts of the set, and hosts beyond the most that it should have. */
function closedAmounts({ types }: Instance, { weight, members, maxHosts }: SoftClosedSet): Amounts {
  return {
    weight,
    first: members,
    others: Int32Array.from({ length: types.count }, (_, type) => workloadsOf(types, type) - i32(members, type)),
    cost: (counts, slot) =>
      (counts.first.has(slot) ? (counts.others.get(slot) ?? 0) : 0) + Math.max(0, counts.first.size - maxHosts),
  }
}

function countsOfApp({ types, rules }: Instance, app: number): Int32Array {
  return Int32Array.from({ length: types.count }, (_, type) => {
    const at = listAt(rules.appsOfType, type).indexOf(app)
    return at < 0 ? 0 : i32(listAt(rules.appCounts, type), at)
  })
}

/** Workloads of one item of `type`. */
const workloadsOf = (types: Instance['types'], type: number): number =>
  listAt(types.workloads, i32(listAt(types.items, type), 0)).length

function addTo(counts: Map<number, number>, slot: number, amount: number): void {
  const count = (counts.get(slot) ?? 0) + amount
  if (count === 0) counts.delete(slot)
  else counts.set(slot, count)
}

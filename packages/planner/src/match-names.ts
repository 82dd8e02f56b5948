/** How many of each kind of thing something has. */
export type Counts = ReadonlyMap<number, number>

/** Existing hosts, by name and what runs on them, and the hosts of a plan, by what will. */
export interface Matching {
  readonly names: readonly string[]
  readonly runsOn: (name: string) => Counts | undefined
  /** By slot. */
  readonly planned: ReadonlyMap<number, Counts>
}

/**
 * Which of `names` each slot gets: those that have most in common first, of equal ones the first slot and then the first name; what is left
 * in order. Slots beyond the names get none. Names that run the same are looked at as one: O(slots * most in common * kinds of names that
 * share something * what they share).
 */
export function matchNames({ names, runsOn, planned }: Matching): ReadonlyMap<number, string> {
  const hosts = new RunningHosts(names, runsOn)
  const nameOf = new Map<number, string>()
  // Slots by what they have in common with the closest name that is left, as last seen: it never grows.
  const waiting: number[][] = []
  const look = (slot: number): Closest => hosts.closest(planned.get(slot) ?? new Map())
  const wait = (slot: number, common: number): void => void (waiting[common] ??= []).push(slot)
  for (const slot of planned.keys()) wait(slot, look(slot).common)
  for (let common = waiting.length - 1; common > 0; common--) {
    for (const slot of (waiting[common] ?? []).toSorted((a, b) => a - b)) {
      const closest = look(slot)
      if (closest.common === common) nameOf.set(slot, hosts.take(closest.kind))
      else wait(slot, closest.common)
    }
  }
  const left = hosts.left()
  for (const slot of planned.keys()) {
    const name = nameOf.has(slot) ? undefined : left.next().value
    if (name !== undefined) nameOf.set(slot, name)
  }
  return nameOf
}

/** Hosts that run the same, in the order of their names in the list; those before `taken` have a slot. */
interface Kind {
  readonly places: number[]
  taken: number
}

/** A kind of hosts by index, and how much of it is in common; nothing is in common with kind -1. */
interface Closest {
  readonly kind: number
  readonly common: number
}

/** Names by what runs on their hosts, each of which is given away once. */
class RunningHosts {
  readonly #names: readonly string[]
  readonly #kinds: Kind[] = []
  /** Kinds that run something of a type, and how many. */
  readonly #byType = new Map<number, { readonly kind: number; readonly count: number }[]>()
  readonly #taken: Uint8Array
  /** Scratch: what the asked for has in common with each kind. */
  readonly #common: Int32Array

  constructor(names: readonly string[], runsOn: Matching['runsOn']) {
    this.#names = names
    this.#taken = new Uint8Array(names.length)
    const known = new Map<string, Kind>()
    names.forEach((name, place) => {
      const counts = runsOn(name)
      if (counts === undefined) return
      const key = JSON.stringify([...counts].toSorted(([a], [b]) => a - b))
      const kind = known.get(key) ?? this.#addKind(counts)
      known.set(key, kind)
      kind.places.push(place)
    })
    this.#common = new Int32Array(this.#kinds.length)
  }

  #addKind(counts: Counts): Kind {
    const kind: Kind = { places: [], taken: 0 }
    const index = this.#kinds.push(kind) - 1
    for (const [type, count] of counts) {
      const list = this.#byType.get(type)
      if (list === undefined) this.#byType.set(type, [{ kind: index, count }])
      else list.push({ kind: index, count })
    }
    return kind
  }

  /** The kind with a name left that has most in common with `counts`; of equal ones that whose next name is first. */
  closest(counts: Counts): Closest {
    const seen: number[] = []
    for (const [type, count] of counts) {
      for (const { kind, count: running } of this.#byType.get(type) ?? []) {
        const before = this.#common[kind] ?? 0
        if (before === 0) seen.push(kind)
        this.#common[kind] = before + Math.min(count, running)
      }
    }
    let best: Closest = { kind: -1, common: 0 }
    for (const kind of seen) {
      const common = this.#common[kind] ?? 0
      this.#common[kind] = 0
      const place = this.#next(kind)
      if (place === undefined || common < best.common) continue
      if (common > best.common || place < (this.#next(best.kind) ?? 0)) best = { kind, common }
    }
    return best
  }

  /** The next name of a kind, which is then no longer left. */
  take(kind: number): string {
    const place = this.#next(kind) ?? 0
    const found = this.#kinds[kind]
    if (found !== undefined) found.taken++
    this.#taken[place] = 1
    return this.#names[place] ?? ''
  }

  /** Names that nobody took, in order. */
  *left(): Generator<string> {
    for (const [place, name] of this.#names.entries()) if (this.#taken[place] !== 1) yield name
  }

  #next(kind: number): number | undefined {
    const found = this.#kinds[kind]
    return found?.places[found.taken]
  }
}

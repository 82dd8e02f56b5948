/** Which domains workloads can be in, and how many each takes. */
export interface Reach {
  readonly domainsOf: (workload: number) => readonly number[]
  readonly roomIn: (domain: number) => number
}

/** How many workloads find a domain, and, if that is not all, some that cannot all find one (Hall 1935). */
export interface Matching {
  readonly matched: number
  readonly stuck?: readonly number[]
}

/** Matches as many workloads to domains as possible (Kuhn 1955, with rooms of several). O(workloads * workloads * domains) at worst. */
export function matchDomains(workloads: readonly number[], reach: Reach): Matching {
  const inside = new Map<number, Set<number>>()
  let matched = 0
  let stuck: readonly number[] | undefined
  for (const workload of workloads) {
    const seen = new Set<number>()
    if (settle({ reach, inside, seen }, workload)) matched++
    // Whoever is in a domain that was seen can only be in domains that were seen, and those are full.
    else stuck ??= [workload, ...[...seen].flatMap((domain) => [...(inside.get(domain) ?? [])])]
  }
  return { matched, ...(stuck !== undefined && { stuck }) }
}

interface Search {
  readonly reach: Reach
  readonly inside: Map<number, Set<number>>
  readonly seen: Set<number>
}

/** Finds a domain for one more workload, moving others on; breadth first, so that no chain is too long for the stack. */
function settle({ reach, inside, seen }: Search, workload: number): boolean {
  const queue: { readonly workload: number; readonly from?: { readonly step: number; readonly domain: number } }[] = [
    { workload },
  ]
  for (let step = 0; step < queue.length; step++) {
    const mover = queue[step]
    if (mover === undefined) break
    for (const domain of reach.domainsOf(mover.workload)) {
      if (seen.has(domain)) continue
      seen.add(domain)
      const there = inside.get(domain) ?? new Set()
      inside.set(domain, there)
      if (there.size >= reach.roomIn(domain)) {
        for (const other of there) queue.push({ workload: other, from: { step, domain } })
        continue
      }
      let target = domain
      let current: (typeof queue)[number] | undefined = mover
      while (current !== undefined) {
        const { from, workload: moved }: (typeof queue)[number] = current
        if (from !== undefined) inside.get(from.domain)?.delete(moved)
        inside.get(target)?.add(moved)
        target = from?.domain ?? -1
        current = from === undefined ? undefined : queue[from.step]
      }
      return true
    }
  }
  return false
}

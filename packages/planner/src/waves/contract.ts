import type { AppDependency, AppGroup } from './wave-documents.ts'

/**
 * Groups of apps that must be in one wave: those joined by `Together`, then those on a cycle of `Before` (strongly connected
 * components, Tarjan 1972). Every app is in exactly one group; groups are in order of their first app. O(apps + dependencies).
 */
export function contractApps(apps: readonly string[], dependencies: readonly AppDependency[]): readonly AppGroup[] {
  const together = joinTogether(apps, dependencies)
  const groupOf = new Map(together.flatMap((members, index) => members.map((app) => [app, index] as const)))
  const edges = together.map(() => new Set<number>())
  for (const { type, from, to } of dependencies) {
    const [source, target] = [groupOf.get(from), groupOf.get(to)]
    if (type === 'Before' && source !== undefined && target !== undefined && source !== target) edges[source]?.add(target)
  }
  const order = new Map(apps.map((app, index) => [app, index]))
  const byOrder = (a: string, b: string): number => (order.get(a) ?? 0) - (order.get(b) ?? 0)
  return stronglyConnected(edges)
    .map((component): AppGroup => {
      const members = component.flatMap((index) => together[index] ?? []).toSorted(byOrder)
      return { name: members.join('+'), apps: members, reason: component.length > 1 ? 'Cycle' : 'Together' }
    })
    .toSorted((a, b) => byOrder(a.apps[0] ?? '', b.apps[0] ?? ''))
}

function joinTogether(apps: readonly string[], dependencies: readonly AppDependency[]): readonly (readonly string[])[] {
  const parents = new Map(apps.map((app) => [app, app]))
  const rootOf = (app: string): string => {
    let root = app
    for (let parent = parents.get(root); parent !== undefined && parent !== root; parent = parents.get(root)) root = parent
    // Shortens the way for the next question.
    for (let next = app; next !== root;) {
      const parent = parents.get(next) ?? root
      parents.set(next, root)
      next = parent
    }
    return root
  }
  for (const { type, from, to } of dependencies) {
    if (type === 'Together' && parents.has(from) && parents.has(to)) parents.set(rootOf(to), rootOf(from))
  }
  return [...Map.groupBy(apps, rootOf).values()]
}

/** Components of a directed graph, without recursion: a chain of dependencies may be long. */
function stronglyConnected(edges: readonly ReadonlySet<number>[]): readonly (readonly number[])[] {
  const indexes = new Map<number, number>()
  const low = new Map<number, number>()
  const stack: number[] = []
  const onStack = new Set<number>()
  const components: number[][] = []
  const open = (node: number) => {
    indexes.set(node, indexes.size)
    low.set(node, indexes.get(node) ?? 0)
    stack.push(node)
    onStack.add(node)
    return { node, next: (edges[node] ?? new Set<number>()).values() }
  }
  const lower = (node: number, value: number): void => void low.set(node, Math.min(low.get(node) ?? 0, value))
  const close = (node: number): void => {
    if (low.get(node) !== indexes.get(node)) return
    // From the end, where it is: from the start a long chain would cost its square.
    const component = stack.splice(stack.lastIndexOf(node))
    for (const member of component) onStack.delete(member)
    components.push(component)
  }
  for (const start of edges.keys()) {
    if (indexes.has(start)) continue
    const path = [open(start)]
    for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
      const { value, done } = frame.next.next()
      if (done === true) {
        path.pop()
        close(frame.node)
        const parent = path.at(-1)
        if (parent !== undefined) lower(parent.node, low.get(frame.node) ?? 0)
      } else if (!indexes.has(value)) path.push(open(value))
      else if (onStack.has(value)) lower(frame.node, indexes.get(value) ?? 0)
    }
  }
  return components
}

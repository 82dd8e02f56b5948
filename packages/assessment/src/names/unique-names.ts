/** The same objects with names that no two have: later ones of a name get a number, and with it at most 253 characters. */
export function withUniqueNames<T extends { readonly name: string }>(named: readonly T[]): readonly T[] {
  const taken = new Set<string>()
  const counts = new Map<string, number>()
  return named.map((each) => {
    let { name } = each
    let count = counts.get(name) ?? 1
    while (taken.has(name)) name = `${each.name.slice(0, 245)} #${++count}`
    counts.set(each.name, count)
    taken.add(name)
    return name === each.name ? each : { ...each, name }
  })
}

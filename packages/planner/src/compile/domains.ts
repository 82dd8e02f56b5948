import { type ClassDraft, own } from './host-classes.ts'

/** Domains of host classes. */
export interface Domains {
  /** The domain of each class, -1 for none. */
  readonly ofClass: readonly number[]
  readonly count: number
}

/** The domains that `classes` are in for a topology key other than `host`, numbered from 0 in order of appearance. */
export function domainsOf(topologyKey: string, classes: readonly Pick<ClassDraft, 'labels'>[]): Domains {
  const idOf = new Map<string, number>()
  const ofClass = classes.map(({ labels }) => {
    const value = own(labels, topologyKey)
    if (value === undefined) return -1
    const id = idOf.get(value) ?? idOf.size
    idOf.set(value, id)
    return id
  })
  return { ofClass, count: idOf.size }
}

import { isScanned } from '../compile/compile-rules.ts'
import type { Instance } from '../compile/instance.ts'

/** How many hosts the largest group with a limit per host needs, anti-affinity among them. O(groups). */
export function groupHosts({ rules }: Instance): number {
  let hosts = 0
  for (const group of rules.groups) {
    if (isScanned(group)) hosts = Math.max(hosts, Math.ceil(group.size / Math.max(1, group.value)))
  }
  return hosts
}

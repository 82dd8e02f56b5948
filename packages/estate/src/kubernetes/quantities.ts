import { parseBytes, parseCpuMillis } from '@weir/base'
import type { Finding } from '../model/estate.ts'
import type { Quantities } from './objects.ts'

/** Reads quantities of an object and tells those that cannot be read. */
export interface QuantityReader {
  cpuMillis(quantities: Quantities | undefined): number | undefined
  bytes(quantities: Quantities | undefined, resource?: string): number | undefined
}

/** Takes what a reader has to tell. */
export type AddFinding = (finding: Finding) => void

/** A reader of the quantities of `object`. */
export function quantityReader(object: string, add: AddFinding): QuantityReader {
  const read = (
    quantities: Quantities | undefined,
    resource: string,
    parse: (text: string, field: string) => number,
  ): number | undefined => {
    const value: unknown = quantities?.[resource]
    if (value === undefined) return undefined
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '?'
    try {
      return parse(text, resource)
    } catch {
      add({
        kind: 'Invalid',
        object,
        field: resource,
        message: `'${text.slice(0, 40)}' is no quantity of ${resource}.`,
        remedy: 'Correct the object in its cluster; until then the value counts as unknown.',
      })
      return undefined
    }
  }
  return {
    cpuMillis: (quantities) => read(quantities, 'cpu', parseCpuMillis),
    bytes: (quantities, resource = 'memory') => read(quantities, resource, parseBytes),
  }
}

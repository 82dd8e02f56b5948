import { parseBytes, parseCpuMillis } from '@weir/base'
import { finding } from '../findings/finding.ts'
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
      add(finding('quantity.invalid', { kind: 'Invalid', object, field: resource }, { value: text.slice(0, 40), resource }))
      return undefined
    }
  }
  return {
    cpuMillis: (quantities) => read(quantities, 'cpu', parseCpuMillis),
    bytes: (quantities, resource = 'memory') => read(quantities, resource, parseBytes),
  }
}

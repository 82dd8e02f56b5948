import type { JsonObject } from '../schema/json.ts'
import { bytesOf, fieldsOf, integerOf, textOf, type WireField } from './wire.ts'

/** What a value is on the wire, and so in JSON: bytes become base64, times RFC 3339. */
export interface ScalarType {
  readonly kind: 'Text' | 'Bytes' | 'Integer' | 'Boolean' | 'Time' | 'MicroTime'
}
/** A message within a message. */
export interface MessageType {
  readonly kind: 'Message'
  readonly fields: Fields
}
/** Lists and maps come item by item, anywhere between the other fields. */
export type Type =
  | ScalarType
  | MessageType
  | { readonly kind: 'List'; readonly of: ScalarType | MessageType }
  | { readonly kind: 'Map'; readonly of: ScalarType | MessageType }

/**
 * A field by its name in JSON. Go writes fields that are no pointers even when they hold nothing; what holds nothing is left
 * out here, as its JSON does. Of a pointer (`isPointer`) 0 and false are values.
 */
export interface Field {
  readonly name: string
  readonly type: Type
  readonly isPointer?: boolean
}

/** The fields of a message by their numbers. */
export type Fields = Readonly<Record<number, Field>>

/** The message as JSON. Fields that `fields` does not have are passed over. O(bytes). @throws 400 if it cannot be read. */
export function decodeMessage(bytes: Uint8Array, fields: Fields): JsonObject {
  const lists = new Map<string, unknown[]>()
  const maps = new Map<string, Map<string, unknown>>()
  const singles = new Map<string, unknown>()
  for (const { number, value } of fieldsOf(bytes)) {
    const field = fields[number]
    if (field === undefined) continue
    const { name, type, isPointer } = field
    if (type.kind === 'List') at(lists, name, () => []).push(valueOf(value, type.of))
    else if (type.kind === 'Map')
      addEntry(
        at(maps, name, () => new Map()),
        bytesOf(value),
        type.of,
      )
    else {
      const decoded = valueOf(value, type)
      if (isPointer === true || !isNothing(decoded)) singles.set(name, decoded)
    }
  }
  // Object.fromEntries defines properties: a key `__proto__` stays data.
  return Object.fromEntries([...singles, ...lists, ...[...maps].map(([name, map]) => [name, Object.fromEntries(map)] as const)])
}

const isNothing = (value: unknown): boolean => value === undefined || value === '' || value === 0 || value === false

function at<T>(collections: Map<string, T>, name: string, create: () => T): T {
  const known = collections.get(name)
  if (known !== undefined) return known
  const created = create()
  collections.set(name, created)
  return created
}

function addEntry(map: Map<string, unknown>, entry: Uint8Array, of: ScalarType | MessageType): void {
  const { key = '', value = '' } = decodeMessage(entry, entryOf(of))
  map.set(key as string, value)
}

/** An entry of a map is a message of a key and a value; what is empty may be left out of it. */
const entryOf = (of: ScalarType | MessageType): Fields => ({
  1: { name: 'key', type: { kind: 'Text' } },
  2: { name: 'value', type: of },
})

function valueOf(value: WireField['value'], type: ScalarType | MessageType): unknown {
  switch (type.kind) {
    case 'Text':
      return textOf(value)
    case 'Bytes':
      return Buffer.from(bytesOf(value)).toString('base64')
    case 'Integer':
      return integerOf(value)
    case 'Boolean':
      return integerOf(value) !== 0
    case 'Time':
      return timeOf(bytesOf(value))?.replace(/\.\d+Z$/u, 'Z')
    case 'MicroTime':
      return timeOf(bytesOf(value))
    case 'Message':
      return decodeMessage(bytesOf(value), type.fields)
  }
}

const timeFields: Fields = {
  1: { name: 'seconds', type: { kind: 'Integer' } },
  2: { name: 'nanos', type: { kind: 'Integer' } },
}
const maxSeconds = 253_402_300_799

/** The time with microseconds; undefined for none, which is an empty message, and for what no calendar has. */
function timeOf(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return undefined
  const { seconds = 0, nanos = 0 } = decodeMessage(bytes, timeFields) as { readonly seconds?: number; readonly nanos?: number }
  if (Math.abs(seconds) > maxSeconds) return undefined
  const micros = String(Math.floor(nanos / 1000)).padStart(6, '0')
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${micros}Z`
}

import { badRequest } from '../failure.ts'

/** A field as it stands on the wire: its number, and a whole number or bytes. */
export interface WireField {
  readonly number: number
  readonly value: bigint | Uint8Array
}

const unreadable = (why: string): Error => badRequest(`the body could not be read as protobuf: ${why}`)

/**
 * The fields of a protobuf message, in their order (encoding of proto2: varints, fixed widths and lengths; no groups).
 * @throws 400 if the bytes end within a field or say something that no message says.
 */
export function* fieldsOf(bytes: Uint8Array): Generator<WireField> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const skip = (length: number): number => {
    const start = at
    if (length > bytes.length - at) throw unreadable('it ends within a field')
    at += length
    return start
  }
  /** Bytes of seven bits, the least first; the last is below 128. */
  const septets = (): Uint8Array => {
    const start = at
    while (view.getUint8(skip(1)) > 127) if (at - start > 9) throw unreadable('a number is longer than ten bytes')
    return bytes.subarray(start, at)
  }
  /** A tag or a length: exact below 2^53, and all above is too large anyway. */
  const small = (): number => {
    const first = view.getUint8(skip(1))
    if (first < 128) return first
    at--
    return septets().reduceRight((value, septet) => value * 128 + (septet & 127), 0)
  }
  const valueOf = (type: number): WireField['value'] => {
    if (type === 0)
      return BigInt.asUintN(
        64,
        septets().reduceRight((value, septet) => (value << 7n) | BigInt(septet & 127), 0n),
      )
    if (type === 1) return view.getBigUint64(skip(8), true)
    if (type === 5) return BigInt(view.getUint32(skip(4), true))
    if (type !== 2) throw unreadable(`a field has the unknown type ${type}`)
    const start = skip(small())
    return bytes.subarray(start, at)
  }
  while (at < bytes.length) {
    const tag = small()
    const number = Math.floor(tag / 8)
    if (number < 1 || number >= 2 ** 29) throw unreadable(`there is no field ${number}`)
    yield { number, value: valueOf(tag % 8) }
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws 400 if it is no text in UTF-8. */
export function textOf(value: WireField['value']): string {
  try {
    return decoder.decode(bytesOf(value))
  } catch (error) {
    if (error instanceof TypeError) throw unreadable('a text is not UTF-8')
    throw error
  }
}

/** @throws 400 if it is no integer that JSON can hold: within ±2^53. */
export function integerOf(value: WireField['value']): number {
  if (typeof value !== 'bigint') throw unreadable('there are bytes where a number should be')
  const signed = Number(BigInt.asIntN(64, value))
  if (!Number.isSafeInteger(signed)) throw unreadable(`${signed} is beyond what a JSON number holds exactly`)
  return signed
}

/** @throws 400 if it is a number. */
export function bytesOf(value: WireField['value']): Uint8Array {
  if (typeof value === 'bigint') throw unreadable('there is a number where bytes should be')
  return value
}
